// Worker threads start here: plain JavaScript, so that the TypeScript below loads whichever way the host was started.
require("tsx/cjs/api").register();
require(require("node:worker_threads").workerData.entry);
