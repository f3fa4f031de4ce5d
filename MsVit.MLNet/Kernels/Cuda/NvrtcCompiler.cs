namespace MsVit.MLNet.Kernels;

/// <summary>Compiles the kernels with NVRTC for the GPU at hand and launches them through the driver.</summary>
/// <param name="libraries">Finds both libraries, once, when a kernel is first requested.</param>
internal sealed class NvrtcCompiler(CudaLibraries libraries) : ILifCompiler
{
    // A failure is cached too, so the libraries are searched for only once.
    private readonly Lazy<(CudaDriver Driver, Nvrtc Nvrtc)> _cuda = new(() => (new(libraries.Driver()), new(libraries.Nvrtc())));

    public ILifModule Compile(LifVariant variant, int device)
    {
        var (driver, nvrtc) = _cuda.Value;
        var code = nvrtc.Compile(variant.Source, driver.Architecture(device), variant.Macros);
        var context = driver.Context(device);
        return new Module(driver, context, driver.Load(context, code, variant.Kernels));
    }

    private sealed class Module(CudaDriver driver, nint context, IReadOnlyDictionary<string, nint> kernels) : ILifModule
    {
        public void Launch(string kernel, uint blocks, in LifPass pass) =>
            driver.Launch(context, kernels[kernel], blocks, LaunchShape.Threads, pass);
    }
}
