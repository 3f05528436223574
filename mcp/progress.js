// @ts-check
'use strict';

/**
 * Tells the client how far a long call is, where it asked to be told. A stage counts on from where the one
 * before it ended, because the protocol wants progress that only grows.
 * @param {any} context of the request
 * @returns {((progress: import('../types/index.js').Progress) => void) | undefined}
 */
function progressOf({ mcpReq }) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let stage = '';
  let before = 0;
  let last = -1;
  return (report) => {
    if (report.stage !== stage) {
      stage = report.stage;
      before = Math.max(last, 0);
    }
    const progress = before + report.done;
    if (progress <= last) return;
    last = progress;
    const total = before + report.total;
    const message = `${stage}: ${report.done} of ${report.total}`;
    mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken, progress, total, message } })
      .catch(() => {});
  };
}

module.exports = { progressOf };
