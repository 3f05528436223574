#include "python_runtime.h"

#include <pthread.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "input_buffer.h"
#include "job.h"
#include "process_exit.h"
#include "process_owner.h"
#include "python_callbacks.h"
#include "python_error.h"

namespace fluorite {

namespace {

// Extension modules recurse deeper than the smallest default of a thread (512 KiB on macOS) allows.
constexpr size_t kStackBytes = 16 * 1024 * 1024;

Failure Conflict(const Interpreter& running, const Interpreter& wanted) {
  return CreateFailure("PYTHON_CONFLICT", "This process already runs Python as " + running.program + " (" +
                                              running.library + "); it cannot also run " + wanted.program +
                                              " (" + wanted.library +
                                              "). Give every bridge in a process the same `python` option.");
}

// Py_DecodeLocale would do this only in a UTF-8 locale, which Node never sets.
std::wstring DecodeUtf8(const std::string& text) {
  std::wstring result;
  for (size_t index = 0; index < text.size();) {
    auto lead = static_cast<unsigned char>(text[index]);
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    auto point = static_cast<wchar_t>(size == 1 ? lead : lead & (0xFF >> (size + 1)));
    for (size_t offset = 1; offset < size && index + offset < text.size(); ++offset) {
      point = (point << 6) | (text[index + offset] & 0x3F);
    }
    result.push_back(point);
    index += size;
  }
  return result;
}

}  // namespace

PythonRuntime& PythonRuntime::Get() {
  static auto* runtime = new PythonRuntime();
  return *runtime;
}

void PythonRuntime::Connect(Interpreter interpreter, Connected connected) {
  if (auto failure = StartThread()) return connected(failure);
  Post([this, interpreter = std::move(interpreter), connected = std::move(connected)] {
    connected(Start(interpreter));
  });
}

void PythonRuntime::Post(Task task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  tasks_arrived_.notify_one();
}

std::optional<Failure> PythonRuntime::StartThread() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (thread_started_) return std::nullopt;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, RunThread, this);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    return CreateFailure("PYTHON_START_FAILED",
                         std::string("Cannot create the thread of Python: ") + std::strerror(error) +
                             ". Raise the limits on threads and memory of this process.");
  }
  thread_started_ = true;
  return std::nullopt;
}

void* PythonRuntime::RunThread(void* self) { static_cast<PythonRuntime*>(self)->Run(); }

void PythonRuntime::Run() {
  PyThreadState* state = nullptr;
  for (;;) {
    std::vector<Task> tasks = TakeTasks();
    if (!EnterWork()) SleepForever();
    if (state != nullptr) python.PyEval_RestoreThread(state);
    for (Task& task : tasks) task();
    tasks.clear();
    if (initialized_) state = python.PyEval_SaveThread();
    LeaveWork();
  }
}

std::vector<PythonRuntime::Task> PythonRuntime::TakeTasks() {
  std::unique_lock<std::mutex> lock(mutex_);
  tasks_arrived_.wait(lock, [this] { return !tasks_.empty(); });
  return std::exchange(tasks_, {});
}

std::optional<Failure> PythonRuntime::Start(const Interpreter& interpreter) {
  if (!initialized_) {
    if (auto failure = Initialize(interpreter)) return failure;
  } else if (initialized_->library != interpreter.library || initialized_->program != interpreter.program) {
    return Conflict(*initialized_, interpreter);
  }
  if (!accept_) {
    if (auto failure = ImportPackage(interpreter.module_path)) return failure;
    // Only now: the libraries imported above have registered their handlers.
    RegisterExitHandler();
    ready_ = true;
  }
  return std::nullopt;
}

std::optional<Failure> PythonRuntime::Initialize(const Interpreter& interpreter) {
  if (auto failure = ClaimProcess()) return failure;
  if (auto failure = LoadPython(interpreter.library)) {
    ReleaseProcess();
    return failure;
  }
  RegisterExitHandler();
  if (python.Py_IsInitialized()) {
    // Another addon embeds the same libpython.
    python.PyGILState_Ensure();
  } else {
    // As Node does, take paths and text as UTF-8 whatever the locale says.
    if (python.Py_UTF8Mode != nullptr) *python.Py_UTF8Mode = 1;
    // A PYTHONHOME meant for another Python makes Py_InitializeEx end the process.
    if (python.Py_IgnoreEnvironmentFlag != nullptr && std::getenv("PYTHONHOME") != nullptr) {
      *python.Py_IgnoreEnvironmentFlag = 1;
    }
    // Python may keep the pointer.
    static const auto* program = new std::wstring(DecodeUtf8(interpreter.program));
    python.Py_SetProgramName(program->c_str());
    constexpr int kKeepSignalHandlers = 0;
    python.Py_InitializeEx(kKeepSignalHandlers);
  }
  initialized_ = interpreter;
  return std::nullopt;
}

std::optional<Failure> PythonRuntime::ImportPackage(const std::string& module_path) {
  constexpr char kCode[] = "PYTHON_START_FAILED";
  PyObject* search_path = python.PySys_GetObject("path");
  PythonReference folder(python.PyUnicode_FromStringAndSize(module_path.data(), module_path.size()));
  if (search_path == nullptr || !folder || !CreateBorrowedMemoryType()) return TakePythonError(kCode);
  int found = python.PySequence_Contains(search_path, folder.get());
  if (found < 0 || (found == 0 && python.PyList_Insert(search_path, 0, folder.get()) < 0)) {
    return TakePythonError(kCode);
  }
  // A package may have been installed since a failed attempt.
  PythonReference importlib(python.PyImport_ImportModule("importlib"));
  if (!importlib) return TakePythonError(kCode);
  PythonReference none(python.PyObject_CallMethod(importlib.get(), "invalidate_caches", nullptr));
  PythonReference module(none ? python.PyImport_ImportModule("fluorite.embedded") : nullptr);
  PythonReference start(module ? python.PyObject_GetAttrString(module.get(), "start") : nullptr);
  PythonReference accept(start ? CallStart(start.get()) : nullptr);
  if (!accept) return TakePythonError(kCode);
  accept_ = std::move(accept);
  return std::nullopt;
}

}  // namespace fluorite
