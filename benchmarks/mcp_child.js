// @ts-check

/** Serves the memory whose options are the first argument. */

require('../mcp/server.js').serve({ options: JSON.parse(process.argv[2]) });
