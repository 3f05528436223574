// @ts-check
'use strict';

const os = require('node:os');
const path = require('node:path');

/**
 * Where assistants keep their list of servers, as their own documentation says.
 * @typedef {object} Assistant
 * @property {string} name
 * @property {string} title
 * @property {'json' | 'toml'} format
 * @property {string} section that holds an entry for each server
 * @property {Record<string, string>} [fixed] what an entry has besides command, args and env
 * @property {(place: Place) => string} file of the user
 * @property {string} [project] file below a project's folder
 */

/** @typedef {{home: string, platform: string, environment: Record<string, string | undefined>}} Place */

/** @type {Assistant[]} */
const ASSISTANTS = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    format: 'json',
    section: 'mcpServers',
    fixed: { type: 'stdio' },
    file: ({ home }) => path.join(home, '.claude.json'),
    project: '.mcp.json',
  },
  {
    name: 'claude-desktop',
    title: 'Claude Desktop',
    format: 'json',
    section: 'mcpServers',
    file: (place) => path.join(applicationFolder(place), 'Claude', 'claude_desktop_config.json'),
  },
  {
    name: 'codex',
    title: 'Codex',
    format: 'toml',
    section: 'mcp_servers',
    file: ({ home, environment }) =>
      path.join(environment.CODEX_HOME || path.join(home, '.codex'), 'config.toml'),
    project: path.join('.codex', 'config.toml'),
  },
  {
    name: 'cursor',
    title: 'Cursor',
    format: 'json',
    section: 'mcpServers',
    file: ({ home }) => path.join(home, '.cursor', 'mcp.json'),
    project: path.join('.cursor', 'mcp.json'),
  },
  {
    name: 'devin',
    title: 'Devin Desktop',
    format: 'json',
    section: 'mcpServers',
    file: ({ home }) => path.join(home, '.config', 'devin', 'mcp_config.json'),
    project: path.join('.devin', 'mcp_config.json'),
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    format: 'json',
    section: 'mcpServers',
    file: ({ home }) => path.join(home, '.gemini', 'settings.json'),
    project: path.join('.gemini', 'settings.json'),
  },
  {
    name: 'vscode',
    title: 'Visual Studio Code',
    format: 'json',
    section: 'servers',
    fixed: { type: 'stdio' },
    file: (place) => path.join(applicationFolder(place), 'Code', 'User', 'mcp.json'),
    project: path.join('.vscode', 'mcp.json'),
  },
  {
    name: 'windsurf',
    title: 'Windsurf',
    format: 'json',
    section: 'mcpServers',
    file: ({ home }) => path.join(home, '.codeium', 'windsurf', 'mcp_config.json'),
  },
];

/** @param {Place} place */
function applicationFolder({ home, platform, environment }) {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  return environment.XDG_CONFIG_HOME || path.join(home, '.config');
}

/** @param {Partial<Place>} [given] @returns {Place} */
function thisPlace(given = {}) {
  return { home: os.homedir(), platform: process.platform, environment: process.env, ...given };
}

module.exports = { ASSISTANTS, thisPlace };
