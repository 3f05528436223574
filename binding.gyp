{
  'targets': [
    {
      'target_name': 'fluorite',
      'sources': [
        'addon/door.cc',
        'addon/environment.cc',
        'addon/failure.cc',
        'addon/input_buffer.cc',
        'addon/job.cc',
        'addon/module.cc',
        'addon/output_buffer.cc',
        'addon/process_exit.cc',
        'addon/process_owner.cc',
        'addon/python_api.cc',
        'addon/python_callbacks.cc',
        'addon/python_error.cc',
        'addon/python_runtime.cc',
      ],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        # A worker that is being terminated cannot throw; node-addon-api would end the process over it.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags': ['-fvisibility=hidden'],
      'cflags_cc': ['-std=c++17', '-fvisibility-inlines-hidden', '-Wall', '-Wextra'],
      'conditions': [
        ['OS=="linux"', {'libraries': ['-ldl', '-pthread']}],
        ['OS=="mac"', {
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
            'CLANG_CXX_LIBRARY': 'libc++',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
          },
        }],
      ],
    },
  ],
}
