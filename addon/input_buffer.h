#ifndef FLUORITE_INPUT_BUFFER_H_
#define FLUORITE_INPUT_BUFFER_H_

#include <napi.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "python_api.h"

namespace fluorite {

class ExportedMemory;
class Job;

// Below this size copying costs less than keeping two garbage collectors in step.
inline constexpr size_t kZeroCopyBytes = 64 * 1024;

// Memory of a JavaScript view as Python will see it: copied when the view is small, else borrowed in place.
// A borrowed view must stay referenced, attached and of its size until Python has let go of it: the job holds
// the reference, this file refuses resizable and shared memory, and lib/ marks the ArrayBuffer untransferable
// before it submits.
struct InputBuffer {
  std::string copy;
  const void* borrowed = nullptr;
  size_t borrowed_size = 0;
  // Where the memory is a result of an earlier call. When a worker ends, Node frees external buffers before
  // it runs the cleanup hook that waits for Python.
  std::shared_ptr<ExportedMemory> exported;
};

// Why `value` cannot be an input, named `name` in the message; nothing when `input` has been filled. On the
// JavaScript thread.
std::optional<std::string> ReadInput(Napi::Value value, const std::string& name, size_t zero_copy_bytes,
                                     InputBuffer* input);

// Creates, once, the Python type behind the memoryviews over borrowed memory. False with an exception.
bool CreateBorrowedMemoryType();

// A read-only memoryview over borrowed memory, or null with an exception. Every view derived from it (a
// slice, an ndarray) keeps the exporting object alive, and `job` hears of that object's end, which is when
// Python can no longer reach the memory. Releasing the memoryview itself does not tell: numpy.frombuffer
// survives it.
PyObject* CreateBorrowedView(const InputBuffer& input, std::shared_ptr<Job> job);

}  // namespace fluorite

#endif  // FLUORITE_INPUT_BUFFER_H_
