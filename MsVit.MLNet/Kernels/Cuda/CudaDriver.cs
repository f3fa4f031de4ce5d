namespace MsVit.MLNet.Kernels;

/// <summary>The CUDA driver: devices, torch's context on each, and code loaded into it.</summary>
internal sealed unsafe class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    private readonly Exports _exports;
    private readonly delegate* unmanaged<nint, int> _push;
    private readonly delegate* unmanaged<nint*, int> _pop;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;

    /// <param name="library">The loaded library.</param>
    public CudaDriver(nint library)
    {
        _exports = new(library, "the CUDA driver");
        _push = (delegate* unmanaged<nint, int>)_exports["cuCtxPushCurrent_v2"];
        _pop = (delegate* unmanaged<nint*, int>)_exports["cuCtxPopCurrent_v2"];
        _launch =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)_exports["cuLaunchKernel"];
        Check(((delegate* unmanaged<uint, int>)_exports["cuInit"])(0), "cuInit");
    }

    /// <summary>A device's compute capability, such as 90 for 9.0.</summary>
    public int Architecture(int device) => 10 * Attribute(device, ComputeCapabilityMajor) + Attribute(device, ComputeCapabilityMinor);

    /// <summary>torch's context on a device, retained for the lifetime of the process.</summary>
    public nint Context(int device)
    {
        nint context;
        var retain = (delegate* unmanaged<nint*, int, int>)_exports["cuDevicePrimaryCtxRetain"];
        Check(retain(&context, Handle(device)), "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <summary>Loads code, machine code or PTX, and finds its kernels.</summary>
    public IReadOnlyDictionary<string, nint> Load(nint context, byte[] code, IEnumerable<string> kernels)
    {
        Check(_push(context), "cuCtxPushCurrent");
        try
        {
            nint loaded;
            fixed (byte* image = code)
            {
                Check(((delegate* unmanaged<nint*, byte*, int>)_exports["cuModuleLoadData"])(&loaded, image), "cuModuleLoadData");
            }
            var module = loaded;
            return kernels.ToDictionary(kernel => kernel, kernel => Function(module, kernel));
        }
        finally
        {
            Pop();
        }
    }

    /// <summary>Launches a kernel with one argument on the legacy default stream.</summary>
    /// <remarks>
    /// TorchSharp cannot choose a stream, so torch's current stream is the default one on every thread.
    /// </remarks>
    public void Launch(nint context, nint kernel, uint blocks, uint threads, in LifPass pass)
    {
        // autograd's threads may not have a context yet.
        Check(_push(context), "cuCtxPushCurrent");
        try
        {
            fixed (LifPass* argument = &pass)
            {
                void* arguments = argument;
                Check(_launch(kernel, blocks, 1, 1, threads, 1, 1, 0, 0, &arguments, null), "cuLaunchKernel");
            }
        }
        finally
        {
            Pop();
        }
    }

    private nint Function(nint module, string kernel)
    {
        using var name = new CText(kernel);
        nint function;
        var find = (delegate* unmanaged<nint*, nint, byte*, int>)_exports["cuModuleGetFunction"];
        Check(find(&function, module, name.Pointer), "cuModuleGetFunction");
        return function;
    }

    private int Attribute(int device, int attribute)
    {
        int value;
        var read = (delegate* unmanaged<int*, int, int, int>)_exports["cuDeviceGetAttribute"];
        Check(read(&value, attribute, Handle(device)), "cuDeviceGetAttribute");
        return value;
    }

    private int Handle(int device)
    {
        int handle;
        Check(((delegate* unmanaged<int*, int, int>)_exports["cuDeviceGet"])(&handle, device), "cuDeviceGet");
        return handle;
    }

    private void Pop()
    {
        nint context;
        _ = _pop(&context);
    }

    private void Check(int result, string function)
    {
        if (result != 0)
        {
            byte* text = null;
            _ = ((delegate* unmanaged<int, byte**, int>)_exports["cuGetErrorString"])(result, &text);
            throw new CudaUnavailableException($"{function} failed with error {result}{(text is null ? "" : $", {CText.Of(text)}")}.");
        }
    }
}
