// Initializes on the memory argv[2] with the interpreter argv[3] and prints the error that this gives.
const { FluoriteBridge } = require('fluorite-memory-engine');

const [memory_path, python] = process.argv.slice(2);

new FluoriteBridge()
  .initialize({ memory_path, python, enable_ml: false })
  .catch(({ code, message }) => console.log(JSON.stringify({ code, message })));
