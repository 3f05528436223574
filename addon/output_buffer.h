#ifndef FLUORITE_OUTPUT_BUFFER_H_
#define FLUORITE_OUTPUT_BUFFER_H_

#include <napi.h>

#include <memory>
#include <string>

#include "python_api.h"

namespace fluorite {

// Memory of a Python object on its way to JavaScript: a copy when it is small, else the exported memory
// itself, which the Python thread releases when JavaScript has collected it or when it could not be
// delivered.
class OutputBuffer {
 public:
  // With the GIL. False, with a Python exception, where `object` does not own writable, contiguous memory.
  static bool Create(PyObject* object, Py_ssize_t index, OutputBuffer* output);

  // On the JavaScript thread, once. Empty, with a JavaScript exception, on failure.
  Napi::Value TakeValue(Napi::Env env);

 private:
  struct ReleaseOnPythonThread {
    void operator()(Py_buffer* view) const;
  };

  std::string copy_;
  std::unique_ptr<Py_buffer, ReleaseOnPythonThread> view_;
};

// The Python object that exports the memory at `start` to JavaScript, borrowed, or null. With the GIL.
PyObject* FindExporter(const void* start);

}  // namespace fluorite

#endif  // FLUORITE_OUTPUT_BUFFER_H_
