// Work that goes on one at a time, on this page and, where the browser can tell, in all its tabs;
// where it cannot, the numbers of records and the bytes of photos keep it harmless.

/** Starts `work` unless it runs; what comes meanwhile is done in the same go. `then` follows. */
export function alone(name, work, then = () => {}) {
  let running = null;
  let again = false;
  const inTurn = () => (navigator.locks ? navigator.locks.request(name, work) : work());
  function start() {
    if (running) {
      again = true;
      return running;
    }
    running = inTurn().finally(() => {
      running = null;
      if (again) {
        again = false;
        start();
      }
      then();
    });
    return running;
  }
  /** What came meanwhile is not done at once. */
  start.rest = () => { again = false; };
  return start;
}
