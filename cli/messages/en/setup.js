// @ts-check
'use strict';

module.exports = {
  'setup.description':
    'Prepare everything: Node packages, native addon, Python environment, embedding model.\nWhat is in order is left alone, so it can be run at any time, also to go on after a failure. Proxies are taken from HTTPS_PROXY and from the settings of pip and npm.',
  'setup.examples':
    'fluorite-memory setup\nfluorite-memory setup --dry-run\nfluorite-memory setup --python /usr/bin/python3.12\nfluorite-memory setup --serve-only --venv /srv/fluorite/venv\nfluorite-memory setup --offline --wheels ./wheels',
  'setup.python': 'the CPython (3.11 or newer) to use (default: FLUORITE_PYTHON, else the first that fits)',
  'setup.venv': 'folder of the virtual environment (default: .venv in the package)',
  'setup.serve_only': 'only what serving needs: no torch, no model export',
  'setup.with': 'also the linters, type checkers and test runners',
  'setup.offline': "use no network: npm's cache, and wheels that pip finds locally",
  'setup.wheels': 'a folder of wheels that pip may use as well',
  'setup.dry_run': 'only tell what would be fetched and made',
  'setup.node_packages': 'Node packages',
  'setup.addon': 'native addon',
  'setup.environment': 'Python environment',
  'setup.model': 'embedding model',
  'setup.plan': 'asking what would be fetched',
  'setup.to_do': '{title}: to be made',
  'setup.complete': 'Set-up complete in {time}.',
  'setup.up_to_date': 'Set-up is up to date ({time}).',
  'setup.waiting': 'Another set-up (process {pid}) is running; waiting for it.',

  'steps.started': 'started',
  'steps.up_to_date': '{title}: up to date',
  'steps.done': 'done in {time}',
  'steps.failed': 'failed after {time}',

  'node.too_old':
    'Node.js {version} is too old.\n  required: Node.js {required} or newer\n  remedy:   install a current Node.js, then run this command again',
  'node.packages_failed':
    "npm {command} failed (whole log: {log}):\n{output}\n  remedy: correct the cause named above (often the network or npm's registry setting),\n          then run this command again",
  'addon.compiling': 'compiling file {done} of {total}',
  'addon.failed':
    'The native addon could not be built (whole log: {log}):\n{output}\n  required: a C++17 compiler, make and the Node.js headers\n  remedy:   {compiler} (or the same for your system), then run this command again;\n            where the Node.js headers cannot be downloaded, set npm_config_nodedir to the folder that holds include/node',

  'interpreter.silent': 'does not run, or is older than Python 3.4',
  'interpreter.not_cpython': '{name}: not CPython',
  'interpreter.too_old': '{name}: too old',
  'interpreter.free_threaded': '{name}: a free-threaded build',
  'interpreter.no_library': '{name}: built without a shared libpython',
  'interpreter.no_venv': '{name}: its venv module is not installed',
  'interpreter.none_on_path': 'no python3 on PATH',
  'interpreter.none':
    'No suitable Python was found.\n  found:    {found}\n  required: CPython {version} or newer with a shared libpython and the venv module, not free-threaded\n  remedy:   {install},\n            or name one: FLUORITE_PYTHON=/path/to/python3',

  'python.looking_for_torch': 'looking for the CPU build of torch',
  'python.planning': 'asking what must be fetched',
  'python.nothing_to_fetch': 'Nothing is to be fetched.',
  'python.plan': 'To be fetched: {count} packages, {size} at most (the largest: {largest}).',
  'python.plan_unknown': 'The size of {count} is not known.',
  'python.creating': 'creating the environment with CPython {version}',
  'python.collecting': '{count} packages collected, {name}',
  'python.downloading': 'downloading {file}, {size}',
  'python.installing': 'installing {count} packages',
  'python.foreign_environment':
    '{venv} exists and was not made by this set-up.\n  remedy: remove it, or name another folder with --venv',
  'python.venv_failed':
    "{program} -m venv failed:\n{output}\n  remedy: install Python's venv module (sudo apt install python3-venv), then run this command again",
  'python.cannot_serve':
    '{program} cannot serve: {reason}\n  remedy: remove {venv} and run this command again',
  'python.install_failed':
    'The Python packages could not be installed (whole log: {log}):\n{output}\n  remedy: correct the cause named above (often the network), then run this command again;\n          --python PATH chooses another interpreter, --wheels DIR a folder of wheels,\n          --serve-only does without torch where the model has been exported elsewhere',
  'python.offline_failed':
    'The Python packages could not be installed without a network (whole log: {log}):\n{output}\n  remedy: fill a folder with wheels where there is a network (docs/getting-started.md tells how),\n          then run this command again with --wheels DIR',
  'model.export_failed':
    'The embedding model could not be exported (whole log: {log}):\n{output}\n  remedy: correct the cause named above, then run this command again',

  'doctor.description':
    'Check the installation and the memory\nEach line is ok, or tells the problem and the command that mends it.',
  'doctor.examples':
    'fluorite-memory doctor\nfluorite-memory doctor --quiet || echo "something is wrong"\nfluorite-memory doctor --json',
  'doctor.ok': 'ok     ',
  'doctor.problem': 'problem',
  'doctor.skipped_state': 'skipped',
  'doctor.name_node': 'Node.js',
  'doctor.name_addon': 'addon',
  'doctor.name_python': 'Python',
  'doctor.name_libpython': 'libpython',
  'doctor.name_packages': 'packages',
  'doctor.name_permissions': 'permissions',
  'doctor.name_disk': 'disk',
  'doctor.name_model': 'model',
  'doctor.name_store': 'store',
  'doctor.name_index': 'index',
  'doctor.skipped': 'not checked, because of: {name}',
  'doctor.remedy': 'remedy: {remedy}',
  'doctor.node_old': 'Node.js {version} is too old; {required} or newer is required',
  'doctor.install_node': 'install Node.js {required} or newer',
  'doctor.addon_missing': 'not built, or built from other sources',
  'doctor.no_library': '{program} has no shared libpython',
  'doctor.packages_fit': 'all there, in versions that fit',
  'doctor.packages_missing': 'missing or of another version: {names}',
  'doctor.writable': '{path} can be written',
  'doctor.not_writable': '{path} cannot be read or written',
  'doctor.free': '{free} free at {path}',
  'doctor.make_room': 'make room: at least {least} should be free',
  'doctor.model': '{name}: {count} numbers for a text, {time} with loading',
  'doctor.store': '{chunks} chunks, {size}',
  'doctor.no_memory': 'no memory at {path} yet; the first learn or store makes it',
  'doctor.index_level': 'holds everything that is stored',
  'doctor.index_behind': 'is being made in the background: {count} changes are waiting',
  'doctor.problems': 'Problems found: {count}',
  'doctor.all_well': 'Everything is in order.',
};
