// @ts-check

/** Serves a memory over the Model Context Protocol, opened with the options in the first argument. */

require('../../mcp/server.js').serve({ options: JSON.parse(process.argv[2]) });
