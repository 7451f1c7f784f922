// Preloaded into Tollgate, in both threads, while memory is measured: what is counted are live objects and not rubbish that
// the engine has not yet looked at. Needs --expose-gc.
setInterval(() => globalThis.gc?.(), 1_000).unref()
