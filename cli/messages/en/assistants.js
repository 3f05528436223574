// @ts-check
'use strict';

module.exports = {
  'feedback.description':
    'Say whether a chunk was a good answer\nAlike searches then find it sooner or later in the list, within bounds. A correction becomes a chunk of its own. The text of the search is not kept in the memory.',
  'feedback.examples':
    'fluorite-memory feedback hono-jwt-auth-api --good\nfluorite-memory feedback hono-jwt-auth-api --bad --query "refresh token"\nfluorite-memory feedback hono-jwt-auth-api --correction fixed.ts --query "JWT 認証"\nfluorite-memory feedback --list\nfluorite-memory feedback --undo FEEDBACK_ID',
  'feedback.id': 'id of the chunk',
  'feedback.good': 'it was just right',
  'feedback.bad': 'it was of no use',
  'feedback.rating': 'how good it was, 0 to 1',
  'feedback.correction': 'file with the code as it should be; - is standard input',
  'feedback.query': 'what was searched for (default: the newest search in the history that found it)',
  'feedback.type': 'what the feedback is about',
  'feedback.list': 'list what is kept, newest first',
  'feedback.undo': 'take feedback back, with its effect',
  'feedback.what':
    'Say one thing: ID with --good, --bad, --rating or --correction; or --list; or --undo FEEDBACK_ID.',
  'feedback.no_query':
    'The history holds no search that found {id}. Name it: --query "what was searched for"',
  'feedback.kept': 'Kept as {id}, for the search: {query}',
  'feedback.corrected': 'The correction is the chunk {id}.',
  'feedback.none': 'No feedback is kept.',
  'feedback.undone': 'Taken back.',
  'feedback.not_there': 'There is no feedback {id}.',

  'serve.description':
    'Serve the memory to assistants over the Model Context Protocol\nStandard input and output are the connection. fluorite-memory mcp install enters it into their configuration.',
  'serve.examples': 'fluorite-memory serve --mcp\nfluorite-memory serve --mcp --memory ./memory',
  'serve.mcp': 'the protocol to speak',
  'serve.no_protocol': 'Say which protocol: fluorite-memory serve --mcp',

  'mcp.description':
    'Enter the server into the configuration of assistants\nThe entry names the memory of --memory, else that of the configuration that counts here.',
  'mcp.examples':
    'fluorite-memory mcp install --dry-run\nfluorite-memory mcp install claude-code cursor\nfluorite-memory mcp install --project . --yes\nfluorite-memory mcp list\nfluorite-memory mcp entry',
  'mcp.install':
    'Show what changes in the configuration of assistants, and write it once that is confirmed; other entries, comments and formatting stay',
  'mcp.list': 'List the assistants that are known, and which are found here',
  'mcp.found': 'found',
  'mcp.entry': 'Print the entry for any other assistant',
  'mcp.clients': 'assistants (default: those that are on this machine)',
  'mcp.project': "write the files of this project, which a team shares, instead of the user's",
  'mcp.name': "name of the entry (default: 'fluorite-memory')",
  'mcp.yes': 'write without asking',
  'mcp.dry_run': 'only show',
  'mcp.unchanged': 'up to date',
  'mcp.write': 'Write this?',
  'mcp.written': 'Written.',
  'mcp.not_written': 'Nothing was written.',
  'mcp.nobody': 'Nothing was written: there is nobody to ask. Say --yes to write, or --dry-run only to look.',
  'mcp.backup': 'the file as it was: {path}',
};
