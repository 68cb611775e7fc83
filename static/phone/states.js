// The life of a record on the phone, in one table. What is not here cannot happen.
//
// "kept" waits to be sent and is never shown as sent; only the server's answer makes it
// "delivered". "stuck" needs its owner: the server said no, in words. There is no state for being
// under way: a phone that dies in the middle of it finds the record kept, and sends it again.

export const TABLE = {
  draft: { word: "草稿", tone: "wait", on: { type: "draft", save: "kept", drop: "gone" } },
  kept: {
    word: "已存本机", tone: "local",
    on: { accept: "delivered", refuse: "stuck", edit: "draft", drop: "gone" },
  },
  stuck: {
    word: "要处理", tone: "bad",
    on: { retry: "kept", save: "kept", edit: "draft", accept: "delivered", drop: "gone" },
  },
  delivered: {
    word: "已送达", tone: "good",
    on: { accept: "delivered", edit: "draft", revise: "kept", drop: "gone" },
  },
};

/** A photo's own: its record's text goes first, and it waits for no other photo. */
export const PHOTOS = {
  kept: { word: "已存本机", tone: "local", on: { accept: "delivered", refuse: "stuck", drop: "gone" } },
  stuck: { word: "未送达", tone: "bad", on: { retry: "kept", accept: "delivered", drop: "gone" } },
  delivered: { word: "已送达", tone: "good", on: { accept: "delivered", drop: "gone" } },
};

/** The state after an event; throws where the table knows no way. */
export function after(state, event, table = TABLE) {
  const next = table[state] && table[state].on[event];
  if (!next) throw new Error(`${state} cannot ${event}`);
  return next;
}

export const isUnsent = (record) => record.state === "kept" || record.state === "stuck";
