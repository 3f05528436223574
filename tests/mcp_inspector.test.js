// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { childEnvironment, serves, temporaryFolder } = require('./mcp_support.js');
const { openBridge } = require('./support.js');

const inspector = path.join(__dirname, '..', 'node_modules', '.bin', 'mcp-inspector');
const spikes = path.join(__dirname, '..', 'examples', 'spikes');

/**
 * What the inspector's command line prints of one request to a server of its own.
 * @param {string} memory_path
 * @param {string[]} request
 * @returns {Promise<{code: number | null, answer: any, stderr: string}>}
 */
function inspect(memory_path, request) {
  const server = [process.execPath, serves, JSON.stringify({ memory_path, enable_ml: false })];
  const child = spawn(inspector, ['--cli', ...server, '--method', ...request], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, answer: JSON.parse(stdout), stderr }));
  });
}

test("the inspector's command line lists and calls what there is", async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.learnFromSpikes({ path: spikes });
  await bridge.shutdown();
  const tool = (/** @type {string} */ name, /** @type {string[]} */ values = []) => [
    'tools/call',
    '--tool-name',
    name,
    ...values.flatMap((value) => ['--tool-arg', value]),
  ];
  /** @type {[string[], (answer: any) => void][]} */
  const requests = [
    [['tools/list'], ({ tools }) => assert.ok(tools.length >= 8)],
    [
      ['resources/read', '--uri', 'fluorite://report/learning'],
      ({ contents }) => assert.ok(JSON.parse(contents[0].text).chunks > 200),
    ],
    [
      ['prompts/get', '--prompt-name', 'write_with_memory', '--prompt-args', 'task=a form'],
      ({ messages }) => assert.match(messages[0].content.text, /a form/),
    ],
    [
      tool('search_patterns', ['query=jwt auth api', 'frameworks=["hono"]', 'limit=1']),
      ({ structuredContent }) => assert.match(structuredContent.hits[0].id, /^hono-jwt-auth-api/),
    ],
    [
      tool('get_pattern', ['id=hono-jwt-auth-api']),
      ({ structuredContent }) => assert.ok(structuredContent.files.length > 0),
    ],
    [
      tool('store_pattern', ['id=mine', 'content=const one = 1;']),
      ({ structuredContent }) => assert.deepEqual(structuredContent, { id: 'mine', replaced: false }),
    ],
    [
      tool('recommend_integration', ['frameworks=["nextjs","hono"]']),
      ({ structuredContent }) => assert.equal(structuredContent.coverage, 'all'),
    ],
    [
      tool('learn', ['kind=spikes', `path=${spikes}`]),
      ({ structuredContent }) => assert.ok(structuredContent.unchanged > 50),
    ],
  ];
  for (const [request, check] of requests) {
    const { code, answer, stderr } = await inspect(memory_path, request);
    assert.equal(code, 0, `${request.join(' ')}: ${stderr}`);
    check(answer);
  }
  const refused = await inspect(memory_path, tool('search_patterns', ['limit=2']));
  assert.notEqual(refused.code, 0);
  assert.ok(refused.answer.isError);
  assert.match(refused.answer.content[0].text, /Give query/);
});
