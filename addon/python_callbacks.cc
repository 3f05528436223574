#include "python_callbacks.h"

#include <utility>

#include "process_exit.h"
#include "python_runtime.h"

namespace fluorite {

namespace {

constexpr char kCapsuleName[] = "fluorite.Job";

Job* JobOf(PyObject* capsule) {
  auto* job = static_cast<std::shared_ptr<Job>*>(python.PyCapsule_GetPointer(capsule, kCapsuleName));
  return job == nullptr ? nullptr : job->get();
}

void DropCapsule(PyObject* capsule) {
  // May run while an exception unwinds the frame that held the job.
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* trace = nullptr;
  python.PyErr_Fetch(&type, &value, &trace);
  auto* job = static_cast<std::shared_ptr<Job>*>(python.PyCapsule_GetPointer(capsule, kCapsuleName));
  if ((*job)->ClaimEnd()) {
    JobResult result;
    result.failure = CreateFailure("JOB_DROPPED", "Python dropped the job without completing it");
    (*job)->Finish(std::move(result));
  }
  delete job;
  python.PyErr_Restore(type, value, trace);
}

bool ReadBytes(PyObject* bytes, std::string* result) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (python.PyBytes_AsStringAndSize(bytes, &data, &size) != 0) return false;
  result->assign(data, size);
  return true;
}

bool ReadBuffers(PyObject* sequence, std::vector<OutputBuffer>* buffers) {
  Py_ssize_t size = python.PySequence_Size(sequence);
  if (size < 0) return false;
  buffers->resize(size);
  for (Py_ssize_t index = 0; index < size; ++index) {
    PythonReference object(python.PySequence_GetItem(sequence, index));
    if (!object || !OutputBuffer::Create(object.get(), index, &(*buffers)[index])) return false;
  }
  return true;
}

PyObject* Complete(PyObject*, PyObject* arguments) {
  PyObject* capsule = nullptr;
  PyObject* envelope = nullptr;
  PyObject* buffers = nullptr;
  int failed = 0;
  if (!python.PyArg_ParseTuple(arguments, "OSOp:complete", &capsule, &envelope, &buffers, &failed))
    return nullptr;
  Job* job = JobOf(capsule);
  if (job == nullptr) return nullptr;
  if (!job->ClaimEnd()) {
    python.PyErr_SetString(*python.PyExc_RuntimeError, "complete() was already called for this job");
    return nullptr;
  }
  JobResult result;
  result.failed = failed != 0;
  if (!ReadBytes(envelope, &result.envelope) || !ReadBuffers(buffers, &result.buffers)) {
    job->ReturnClaim();
    return nullptr;
  }
  job->Finish(std::move(result));
  return NewNone();
}

PyObject* Progress(PyObject*, PyObject* arguments) {
  PyObject* capsule = nullptr;
  PyObject* envelope = nullptr;
  if (!python.PyArg_ParseTuple(arguments, "OS:progress", &capsule, &envelope)) return nullptr;
  Job* job = JobOf(capsule);
  if (job == nullptr) return nullptr;
  if (job->ended()) {
    python.PyErr_SetString(*python.PyExc_RuntimeError, "progress() was called after complete() for this job");
    return nullptr;
  }
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (python.PyBytes_AsStringAndSize(envelope, &data, &size) != 0) return nullptr;
  job->SendProgress(data, size);
  return NewNone();
}

PyObject* Cancelled(PyObject*, PyObject* capsule) {
  Job* job = JobOf(capsule);
  if (job == nullptr) return nullptr;
  PyObject* answer = job->cancelled() ? python._Py_TrueStruct : python._Py_FalseStruct;
  python.Py_IncRef(answer);
  return answer;
}

PyObject* Serve(PyObject*, PyObject*) { PythonRuntime::Get().Serve(); }

PyObject* Enter(PyObject*, PyObject*) {
  if (!EnterWork()) {
    python.PyEval_SaveThread();
    SleepForever();
  }
  return NewNone();
}

PyObject* Leave(PyObject*, PyObject*) {
  LeaveWork();
  return NewNone();
}

PyMethodDef complete_method = {
    "complete", Complete, METH_VARARGS,
    "complete(job, envelope: bytes, buffers: sequence, failed: bool) -> None\n\n"
    "Settle the promise of the job, once, from any thread. Each buffer is writable, C-contiguous memory that "
    "is "
    "Python's own (a bytearray, an ndarray); from 64 KiB on it is shared with JavaScript, not copied.\n"
    "Releases the job's input memoryviews first. Raises TypeError for another kind of argument or buffer, "
    "with "
    "the job still open, and RuntimeError when the job is already complete."};

PyMethodDef progress_method = {"progress", Progress, METH_VARARGS,
                               "progress(job, envelope: bytes) -> None\n\n"
                               "Report to the job's onProgress, in order and before its completion. Raises "
                               "RuntimeError when the job is already complete."};

PyMethodDef cancelled_method = {"cancelled", Cancelled, METH_O,
                                "cancelled(job) -> bool\n\nWhether JavaScript has given the job up."};

PyMethodDef serve_method = {
    "serve", Serve, METH_NOARGS,
    "serve() -> NoReturn\n\n"
    "Make this thread one of those that call accept() for the jobs of JavaScript, one after the other. Each "
    "such call is bracketed as by enter() and leave(). A job completed in it is answered when it returns."};

PyMethodDef enter_method = {
    "enter", Enter, METH_NOARGS,
    "enter() -> None\n\n"
    "A pool thread begins a piece of work. While the process exits it never returns."};

PyMethodDef leave_method = {"leave", Leave, METH_NOARGS,
                            "leave() -> None\n\nA pool thread ends the piece of work it began with enter()."};

}  // namespace

PyObject* CreateJobCapsule(std::shared_ptr<Job> job) {
  auto owned = std::make_unique<std::shared_ptr<Job>>(std::move(job));
  PyObject* capsule = python.PyCapsule_New(owned.get(), kCapsuleName, DropCapsule);
  if (capsule != nullptr) owned.release();
  return capsule;
}

PyObject* CallStart(PyObject* start) {
  PythonReference complete(python.PyCFunction_NewEx(&complete_method, nullptr, nullptr));
  PythonReference progress(python.PyCFunction_NewEx(&progress_method, nullptr, nullptr));
  PythonReference cancelled(python.PyCFunction_NewEx(&cancelled_method, nullptr, nullptr));
  PythonReference serve(python.PyCFunction_NewEx(&serve_method, nullptr, nullptr));
  PythonReference enter(python.PyCFunction_NewEx(&enter_method, nullptr, nullptr));
  PythonReference leave(python.PyCFunction_NewEx(&leave_method, nullptr, nullptr));
  if (!complete || !progress || !cancelled || !enter || !leave || !serve) return nullptr;
  return python.PyObject_CallFunctionObjArgs(start, complete.get(), progress.get(), cancelled.get(),
                                             enter.get(), leave.get(), serve.get(), nullptr);
}

}  // namespace fluorite
