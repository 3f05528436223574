#ifndef FLUORITE_PYTHON_API_H_
#define FLUORITE_PYTHON_API_H_

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "failure.h"

// The part of CPython's stable ABI (3.11 and later) that the addon uses, declared here and filled in at run
// time, so that one binary serves every CPython and links to none.

namespace fluorite {

using Py_ssize_t = std::ptrdiff_t;

struct PyTypeObject;
struct PyThreadState;

// The head of every object is part of the stable ABI (builds without the GIL, where it differs, are refused).
struct PyObject {
  Py_ssize_t reference_count;
  PyTypeObject* type;
};

struct Py_buffer {
  void* buf;
  PyObject* obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char* format;
  Py_ssize_t* shape;
  Py_ssize_t* strides;
  Py_ssize_t* suboffsets;
  void* internal;
};

using PyCFunction = PyObject* (*)(PyObject* self, PyObject* arguments);
using PyCapsule_Destructor = void (*)(PyObject*);

struct PyMethodDef {
  const char* name;
  PyCFunction function;
  int flags;
  const char* documentation;
};

struct PyType_Slot {
  int slot;
  void* function;
};

struct PyType_Spec {
  const char* name;
  int basicsize;
  int itemsize;
  unsigned int flags;
  PyType_Slot* slots;
};

inline constexpr int METH_VARARGS = 0x0001;
inline constexpr int METH_NOARGS = 0x0004;
inline constexpr int METH_O = 0x0008;
inline constexpr int PyBUF_CONTIG = 0x0009;
inline constexpr int Py_bf_getbuffer = 1;
inline constexpr int Py_tp_dealloc = 52;
inline constexpr unsigned int Py_TPFLAGS_DISALLOW_INSTANTIATION = 1u << 7;

#define FLUORITE_PYTHON_FUNCTIONS(FUNCTION)                                            \
  FUNCTION(Py_IsInitialized, int())                                                    \
  FUNCTION(Py_SetProgramName, void(const wchar_t*))                                    \
  FUNCTION(Py_InitializeEx, void(int))                                                 \
  FUNCTION(PyGILState_Ensure, int())                                                   \
  FUNCTION(PyEval_SaveThread, PyThreadState*())                                        \
  FUNCTION(PyEval_RestoreThread, void(PyThreadState*))                                 \
  FUNCTION(Py_IncRef, void(PyObject*))                                                 \
  FUNCTION(Py_DecRef, void(PyObject*))                                                 \
  FUNCTION(PyErr_Fetch, void(PyObject**, PyObject**, PyObject**))                      \
  FUNCTION(PyErr_Restore, void(PyObject*, PyObject*, PyObject*))                       \
  FUNCTION(PyErr_NormalizeException, void(PyObject**, PyObject**, PyObject**))         \
  FUNCTION(PyErr_Occurred, PyObject*())                                                \
  FUNCTION(PyErr_ExceptionMatches, int(PyObject*))                                     \
  FUNCTION(PyErr_Clear, void())                                                        \
  FUNCTION(PyErr_SetString, void(PyObject*, const char*))                              \
  FUNCTION(PyErr_Format, PyObject*(PyObject*, const char*, ...))                       \
  FUNCTION(PyErr_WriteUnraisable, void(PyObject*))                                     \
  FUNCTION(PyException_SetTraceback, int(PyObject*, PyObject*))                        \
  FUNCTION(PyImport_ImportModule, PyObject*(const char*))                              \
  FUNCTION(PySys_GetObject, PyObject*(const char*))                                    \
  FUNCTION(PySequence_Contains, int(PyObject*, PyObject*))                             \
  FUNCTION(PySequence_Size, Py_ssize_t(PyObject*))                                     \
  FUNCTION(PySequence_GetItem, PyObject*(PyObject*, Py_ssize_t))                       \
  FUNCTION(PyList_New, PyObject*(Py_ssize_t))                                          \
  FUNCTION(PyList_SetItem, int(PyObject*, Py_ssize_t, PyObject*))                      \
  FUNCTION(PyList_Insert, int(PyObject*, Py_ssize_t, PyObject*))                       \
  FUNCTION(PyObject_Str, PyObject*(PyObject*))                                         \
  FUNCTION(PyObject_GetAttrString, PyObject*(PyObject*, const char*))                  \
  FUNCTION(PyObject_CallMethod, PyObject*(PyObject*, const char*, const char*, ...))   \
  FUNCTION(PyObject_CallFunctionObjArgs, PyObject*(PyObject*, ...))                    \
  FUNCTION(PyArg_ParseTuple, int(PyObject*, const char*, ...))                         \
  FUNCTION(PyUnicode_FromStringAndSize, PyObject*(const char*, Py_ssize_t))            \
  FUNCTION(PyUnicode_AsUTF8AndSize, const char*(PyObject*, Py_ssize_t*))               \
  FUNCTION(PyUnicode_AsEncodedString, PyObject*(PyObject*, const char*, const char*))  \
  FUNCTION(PyUnicode_Join, PyObject*(PyObject*, PyObject*))                            \
  FUNCTION(PyBytes_FromStringAndSize, PyObject*(const char*, Py_ssize_t))              \
  FUNCTION(PyBytes_AsStringAndSize, int(PyObject*, char**, Py_ssize_t*))               \
  FUNCTION(PyMemoryView_FromObject, PyObject*(PyObject*))                              \
  FUNCTION(PyObject_GetBuffer, int(PyObject*, Py_buffer*, int))                        \
  FUNCTION(PyBuffer_FillInfo, int(Py_buffer*, PyObject*, void*, Py_ssize_t, int, int)) \
  FUNCTION(PyBuffer_Release, void(Py_buffer*))                                         \
  FUNCTION(PyCapsule_New, PyObject*(void*, const char*, PyCapsule_Destructor))         \
  FUNCTION(PyCapsule_GetPointer, void*(PyObject*, const char*))                        \
  FUNCTION(PyCFunction_NewEx, PyObject*(PyMethodDef*, PyObject*, PyObject*))           \
  FUNCTION(PyType_FromSpec, PyObject*(PyType_Spec*))                                   \
  FUNCTION(PyType_GenericAlloc, PyObject*(PyTypeObject*, Py_ssize_t))                  \
  FUNCTION(PyType_GetName, PyObject*(PyTypeObject*))                                   \
  FUNCTION(PyObject_Free, void(void*))

#define FLUORITE_PYTHON_OBJECTS(OBJECT) \
  OBJECT(_Py_NoneStruct, PyObject)      \
  OBJECT(_Py_TrueStruct, PyObject)      \
  OBJECT(_Py_FalseStruct, PyObject)     \
  OBJECT(PyExc_BufferError, PyObject*)  \
  OBJECT(PyExc_RuntimeError, PyObject*) \
  OBJECT(PyExc_TypeError, PyObject*)    \
  OBJECT(PyExc_ValueError, PyObject*)

struct PythonApi {
#define FLUORITE_DECLARE(name, ...) std::add_pointer_t<__VA_ARGS__> name;
  FLUORITE_PYTHON_FUNCTIONS(FLUORITE_DECLARE)
  FLUORITE_PYTHON_OBJECTS(FLUORITE_DECLARE)
#undef FLUORITE_DECLARE
  // Configuration variables of the library; null where a later CPython no longer has them.
  int* Py_UTF8Mode;
  int* Py_IgnoreEnvironmentFlag;
};

extern PythonApi python;

// Loads libpython for the whole process and fills `python`. Refuses, before any of its code has run and
// without leaving its symbols behind, a version below 3.11, a build without the GIL, and a second libpython.
std::optional<Failure> LoadPython(const std::string& library);

// An owned reference. Null, assign and destroy it with the GIL held.
class PythonReference {
 public:
  PythonReference() = default;
  explicit PythonReference(PyObject* owned) : object_(owned) {}
  PythonReference(PythonReference&& other) noexcept : object_(other.Release()) {}
  PythonReference& operator=(PythonReference&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~PythonReference() {
    if (object_ != nullptr) python.Py_DecRef(object_);
  }

  PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  PyObject* Release() { return std::exchange(object_, nullptr); }

 private:
  PyObject* object_ = nullptr;
};

PyObject* NewNone();

}  // namespace fluorite

#endif  // FLUORITE_PYTHON_API_H_
