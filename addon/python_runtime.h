#ifndef FLUORITE_PYTHON_RUNTIME_H_
#define FLUORITE_PYTHON_RUNTIME_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "door.h"
#include "failure.h"
#include "python_api.h"

namespace fluorite {

class Job;

struct Interpreter {
  std::string library;      // absolute path of libpython
  std::string program;      // <virtual environment>/bin/python3, links not resolved
  std::string module_path;  // the folder that holds the package fluorite
};

// The one Python of the process, shared by all environments, and its own thread. That initialises Python and
// releases Python's memory, so that no JavaScript thread ever takes the GIL; jobs go through the door to
// threads of Python's. Never destroyed, and Python never finalised: libraries crash in it.
class PythonRuntime {
 public:
  using Task = std::function<void()>;
  using Connected = std::function<void(std::optional<Failure>)>;

  static PythonRuntime& Get();

  // Any thread. `connected` is called once, on the Python thread or, where that cannot start, at once.
  void Connect(Interpreter interpreter, Connected connected);
  // True after the first successful Connect.
  bool ready() const { return ready_; }
  // As Door::Submit.
  bool Submit(std::shared_ptr<Job> job) { return door_.Submit(std::move(job)); }
  // On a thread of Python's, with the GIL.
  [[noreturn]] void Serve() { door_.Serve(accept_); }
  // Runs the task on the Python thread, with the GIL.
  void Post(Task task);

 private:
  PythonRuntime() = default;
  std::optional<Failure> StartThread();
  static void* RunThread(void* self);
  [[noreturn]] void Run();
  std::vector<Task> TakeTasks();
  std::optional<Failure> Start(const Interpreter& interpreter);
  std::optional<Failure> Initialize(const Interpreter& interpreter);
  std::optional<Failure> ImportPackage(const std::string& module_path);

  std::mutex mutex_;
  std::condition_variable tasks_arrived_;
  std::vector<Task> tasks_;
  bool thread_started_ = false;

  std::atomic<bool> ready_{false};
  Door door_;

  // With the GIL.
  PythonReference accept_;

  // Python thread only.
  std::optional<Interpreter> initialized_;
};

}  // namespace fluorite

#endif  // FLUORITE_PYTHON_RUNTIME_H_
