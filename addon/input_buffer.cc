#include "input_buffer.h"

#include <utility>

#include "job.h"
#include "output_buffer.h"

namespace fluorite {

namespace {

struct BorrowedMemory {
  PyObject head;
  const void* data;
  Py_ssize_t size;
  std::shared_ptr<Job>* job;
  std::shared_ptr<ExportedMemory>* exported;
};

PyTypeObject* borrowed_memory_type = nullptr;

int GetBuffer(PyObject* self, Py_buffer* view, int flags) {
  auto* memory = reinterpret_cast<BorrowedMemory*>(self);
  constexpr int kReadOnly = 1;
  return python.PyBuffer_FillInfo(view, self, const_cast<void*>(memory->data), memory->size, kReadOnly,
                                  flags);
}

void Deallocate(PyObject* self) {
  auto* memory = reinterpret_cast<BorrowedMemory*>(self);
  if (memory->job != nullptr) {
    (*memory->job)->ReturnInput();
    delete memory->job;
  }
  delete memory->exported;
  PyTypeObject* type = self->type;
  python.PyObject_Free(self);
  python.Py_DecRef(reinterpret_cast<PyObject*>(type));
}

}  // namespace

std::optional<std::string> ReadInput(Napi::Value value, const std::string& name, size_t zero_copy_bytes,
                                     InputBuffer* input) {
  constexpr char kCopyIt[] = "pass a copy, new Uint8Array(view)";
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    return name +
           " must be a Uint8Array; view other memory as new Uint8Array(view.buffer, view.byteOffset, " +
           "view.byteLength)";
  }
  auto view = value.As<Napi::Uint8Array>();
  Napi::ArrayBuffer memory = view.ArrayBuffer();
  if (!memory.IsArrayBuffer()) {
    return name + " lies in a SharedArrayBuffer, which another thread can change during the call; " + kCopyIt;
  }
  if (memory.IsDetached()) {
    return name +
           " is detached: its memory was transferred away; pass it before the transfer, or transfer a copy";
  }
  if (memory.Get("resizable").ToBoolean()) {
    return name + " lies in a resizable ArrayBuffer, which can shrink during the call; " + kCopyIt;
  }
  if (view.ByteLength() < zero_copy_bytes) {
    input->copy.assign(reinterpret_cast<const char*>(view.Data()), view.ByteLength());
  } else {
    input->borrowed = view.Data();
    input->borrowed_size = view.ByteLength();
    input->exported = ExportedMemory::Find(memory.Data());
  }
  return std::nullopt;
}

bool CreateBorrowedMemoryType() {
  if (borrowed_memory_type != nullptr) return true;
  static PyType_Slot slots[] = {
      {Py_bf_getbuffer, reinterpret_cast<void*>(GetBuffer)},
      {Py_tp_dealloc, reinterpret_cast<void*>(Deallocate)},
      {0, nullptr},
  };
  static PyType_Spec specification = {"fluorite.JavaScriptMemory", sizeof(BorrowedMemory), 0,
                                      Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  borrowed_memory_type = reinterpret_cast<PyTypeObject*>(python.PyType_FromSpec(&specification));
  return borrowed_memory_type != nullptr;
}

PyObject* CreateBorrowedView(const InputBuffer& input, std::shared_ptr<Job> job) {
  PythonReference object(python.PyType_GenericAlloc(borrowed_memory_type, 0));
  if (!object) return nullptr;
  auto* memory = reinterpret_cast<BorrowedMemory*>(object.get());
  if (!job->LendInput()) {
    python.PyErr_SetString(*python.PyExc_RuntimeError, "the JavaScript environment of this job is closing");
    return nullptr;
  }
  memory->data = input.borrowed;
  memory->size = static_cast<Py_ssize_t>(input.borrowed_size);
  memory->job = new std::shared_ptr<Job>(std::move(job));
  if (input.exported) memory->exported = new std::shared_ptr<ExportedMemory>(input.exported);
  return python.PyMemoryView_FromObject(object.get());
}

}  // namespace fluorite
