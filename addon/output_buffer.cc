#include "output_buffer.h"

#include <map>

#include "input_buffer.h"
#include "python_runtime.h"

namespace fluorite {

namespace {

// Memory that JavaScript holds, by its first byte; one object may be exported several times. With the GIL.
std::multimap<const void*, const Py_buffer*>& Exports() {
  static auto* exports = new std::multimap<const void*, const Py_buffer*>();
  return *exports;
}

void ReleaseExport(Py_buffer* view) {
  auto [first, last] = Exports().equal_range(view->buf);
  while (first != last && first->second != view) ++first;
  if (first != last) Exports().erase(first);
  python.PyBuffer_Release(view);
  delete view;
}

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

void OutputBuffer::ReleaseOnPythonThread::operator()(Py_buffer* view) const {
  PythonRuntime::Get().Post([view] { ReleaseExport(view); });
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
    Exports().emplace(view->buf, view.get());
    output->view_.reset(view.release());
  }
  return true;
}

Napi::Value OutputBuffer::TakeValue(Napi::Env env) {
  if (view_ == nullptr) return Napi::Buffer<char>::Copy(env, copy_.data(), copy_.size());
  auto finalize = [](napi_env, void*, void* view) { ReleaseOnPythonThread()(static_cast<Py_buffer*>(view)); };
  napi_value value = nullptr;
  napi_status status =
      napi_create_external_buffer(env, view_->len, view_->buf, finalize, view_.get(), &value);
  if (status == napi_no_external_buffers_allowed) {  // Electron
    return Napi::Buffer<char>::Copy(env, static_cast<const char*>(view_->buf), view_->len);
  }
  // Node runs the finalizer of every buffer it began to create, also where it could not finish.
  if (value != nullptr || status == napi_generic_failure) view_.release();
  return Napi::Value(env, value);
}

PyObject* FindExporter(const void* start) {
  auto found = Exports().find(start);
  return found == Exports().end() ? nullptr : found->second->obj;
}

}  // namespace fluorite
