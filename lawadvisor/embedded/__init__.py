"""The portal's own PostgreSQL and Valkey, out of wheels, and the supervisor that runs all parts.

Real servers on private Unix sockets, no TCP port, nothing installed on the machine; every process
dies with its parent. Standard library only, so that none of this needs Django or its settings.

    process     one program that cannot outlive us
    lodging     where PostgreSQL may live and as whom (it refuses to be root)
    cluster     a new PostgreSQL cluster, built aside and renamed when whole
    postgres, valkey    the two servers as services
    supervisor  start in order, restart what falls, stop in reverse
    scratch     throw-away services for tests and benchmarks
    portal      what `make run` does
"""
