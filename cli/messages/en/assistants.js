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
};
