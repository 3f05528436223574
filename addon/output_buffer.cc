#include "output_buffer.h"

#include "input_buffer.h"
#include "python_runtime.h"

namespace fluorite {

namespace {

// The exporters disagree: BufferError for bytes, ValueError for an ndarray, TypeError for no buffer at all.
void ExplainRefusal(PyObject* object, Py_ssize_t index) {
  if (!python.PyErr_ExceptionMatches(*python.PyExc_BufferError) &&
      !python.PyErr_ExceptionMatches(*python.PyExc_ValueError) &&
      !python.PyErr_ExceptionMatches(*python.PyExc_TypeError)) {
    return;
  }
  python.PyErr_Clear();
  PythonReference type_name(python.PyType_GetName(object->type));
  if (!type_name) return;
  python.PyErr_Format(*python.PyExc_TypeError,
                      "result buffer %zd must own writable, C-contiguous memory, such as a bytearray or "
                      "numpy.ascontiguousarray(array), not %U",
                      index, type_name.get());
}

}  // namespace

std::mutex& ExportedMemory::RegisterMutex() {
  static auto* mutex = new std::mutex();
  return *mutex;
}

ExportedMemory::Register& ExportedMemory::AllExports() {
  static auto* exports = new Register();
  return *exports;
}

std::shared_ptr<ExportedMemory> ExportedMemory::Publish(std::unique_ptr<Py_buffer> view) {
  std::shared_ptr<ExportedMemory> memory(new ExportedMemory(std::move(view)));
  std::lock_guard<std::mutex> lock(RegisterMutex());
  memory->place_ = AllExports().emplace(memory->data(), memory);
  return memory;
}

std::shared_ptr<ExportedMemory> ExportedMemory::Find(const void* start) {
  std::lock_guard<std::mutex> lock(RegisterMutex());
  auto [first, last] = AllExports().equal_range(start);
  for (; first != last; ++first) {
    if (auto memory = first->second.lock()) return memory;
  }
  return nullptr;
}

ExportedMemory::~ExportedMemory() {
  {
    std::lock_guard<std::mutex> lock(RegisterMutex());
    AllExports().erase(place_);
  }
  PythonRuntime::Get().Post([view = view_.release()] {
    python.PyBuffer_Release(view);
    delete view;
  });
}

bool OutputBuffer::Create(PyObject* object, Py_ssize_t index, OutputBuffer* output) {
  auto view = std::make_unique<Py_buffer>();
  if (python.PyObject_GetBuffer(object, view.get(), PyBUF_CONTIG) != 0) {
    ExplainRefusal(object, index);
    return false;
  }
  if (static_cast<size_t>(view->len) < kZeroCopyBytes) {
    output->copy_.assign(static_cast<const char*>(view->buf), view->len);
    python.PyBuffer_Release(view.get());
  } else {
    output->memory_ = ExportedMemory::Publish(std::move(view));
  }
  return true;
}

Napi::Value OutputBuffer::TakeValue(Napi::Env env) {
  if (memory_ == nullptr) return Napi::Buffer<char>::Copy(env, copy_.data(), copy_.size());
  using Holder = std::shared_ptr<ExportedMemory>;
  auto finalize = [](napi_env, void*, void* holder) { delete static_cast<Holder*>(holder); };
  auto holder = std::make_unique<Holder>(std::move(memory_));
  void* data = (*holder)->data();
  size_t size = (*holder)->size();
  napi_value value = nullptr;
  napi_status status = napi_create_external_buffer(env, size, data, finalize, holder.get(), &value);
  if (status == napi_no_external_buffers_allowed) {  // Electron
    return Napi::Buffer<char>::Copy(env, static_cast<const char*>(data), size);
  }
  // Node runs the finalizer of every buffer it began to create, also where it could not finish.
  if (value != nullptr || status == napi_generic_failure) holder.release();
  return Napi::Value(env, value);
}

}  // namespace fluorite
