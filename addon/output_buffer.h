#ifndef FLUORITE_OUTPUT_BUFFER_H_
#define FLUORITE_OUTPUT_BUFFER_H_

#include <napi.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "python_api.h"

namespace fluorite {

// Memory of a Python object that JavaScript can reach. The Python thread releases it when its last holder is
// gone, on whatever thread that is.
class ExportedMemory {
 public:
  static std::shared_ptr<ExportedMemory> Publish(std::unique_ptr<Py_buffer> view);
  // The one that starts at this address, or null.
  static std::shared_ptr<ExportedMemory> Find(const void* start);

  ExportedMemory(const ExportedMemory&) = delete;
  ExportedMemory& operator=(const ExportedMemory&) = delete;
  ~ExportedMemory();

  void* data() const { return view_->buf; }
  size_t size() const { return view_->len; }

 private:
  // By first byte; one object may be exported several times.
  using Register = std::multimap<const void*, std::weak_ptr<ExportedMemory>>;

  explicit ExportedMemory(std::unique_ptr<Py_buffer> view) : view_(std::move(view)) {}
  static std::mutex& RegisterMutex();
  static Register& AllExports();

  std::unique_ptr<Py_buffer> view_;
  Register::iterator place_;
};

// Memory of a Python object on its way to JavaScript: a copy when it is small, else the exported memory
// itself.
class OutputBuffer {
 public:
  // With the GIL. False, with a Python exception, where `object` does not own writable, contiguous memory.
  static bool Create(PyObject* object, Py_ssize_t index, OutputBuffer* output);

  // On the JavaScript thread, once. Empty, with a JavaScript exception, on failure.
  Napi::Value TakeValue(Napi::Env env);

 private:
  std::string copy_;
  std::shared_ptr<ExportedMemory> memory_;
};

}  // namespace fluorite

#endif  // FLUORITE_OUTPUT_BUFFER_H_
