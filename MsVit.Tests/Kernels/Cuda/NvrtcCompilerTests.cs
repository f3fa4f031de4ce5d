using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using MsVit.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The calls to NVRTC and to the driver, answered by a library that pretends to be both (fake_cuda.h).</summary>
public sealed class NvrtcCompilerTests : IDisposable
{
    private static readonly LifDynamics Plif = Layers.Published with { ResetTo = -0.25 };
    private static readonly LifVariant Variant = LifVariant.Of(4, ScalarType.Float32, Plif, isPlif: true);

    private readonly TemporaryFolder _folder = new();
    private nint _library;

    [NeedsHostCompilerFact]
    public void A_layer_goes_through_compiler_driver_and_kernels_to_the_composed_layers_result()
    {
        using var scope = NewDisposeScope();
        var x = Layers.Currents(1, 4, 700);
        var upstream = Layers.Signs(2, 4, 700);
        var neurons = Neurons();
        KernelLayers.Compare(neurons, "PLIF, w 0.4, reset to -0.25", x, upstream);
        Assert.Equal("--gpu-architecture=sm_90 --std=c++17 --fmad=false " + string.Join(' ', Variant.Macros), Text("options").Trim());
        Assert.Equal("machine code", Text("loaded"));
        Assert.Equal((0, 0), (Number("programs"), Number("contexts")));
    }

    [NeedsHostCompilerFact]
    public void A_layer_of_glif_goes_the_same_way()
    {
        using var scope = NewDisposeScope();
        var variant = LifVariant.Glif(4, ScalarType.Float32, Surrogate.Default);
        var (x, upstream) = (Layers.Currents(1, 4, 700), Layers.Signs(2, 4, 700));
        var pass = new Pass(notice: Assert.Fail, gpu: new CudaLif(Compiler(variant), DeviceType.CPU));
        GlifLayers.OnGpu("gates turned", x, upstream, pass).IsNear(GlifLayers.Composed("gates turned", x, upstream), "GLIF");
        Assert.Equal(
            "--gpu-architecture=sm_90 --std=c++17 --fmad=false -DSTEPS=4 -DSTORAGE=Float32 -DSLOPE=Sigmoid -DTHREADS=128 -DWIDE=4",
            Text("options").Trim());
    }

    [NeedsHostCompilerFact]
    public void For_a_gpu_newer_than_the_compiler_the_driver_gets_the_nearest_ptx()
    {
        using var scope = NewDisposeScope();
        var neurons = Neurons();
        Number("capability") = 120;
        Assert.True(neurons.Covers(ones(4, 10), Plif, new(), tensor(0f)));
        Assert.StartsWith("--gpu-architecture=compute_90 ", Text("options"));
        Assert.Equal("PTX", Text("loaded"));
    }

    [NeedsHostCompilerFact]
    public void A_gpu_older_than_the_compiler_knows_is_named()
    {
        var modules = Modules();
        Number("capability") = 61;
        Assert.EndsWith("NVRTC compiles for compute capabilities 70, 80, 90; the GPU has the older 61.", modules.Find(0, Variant).Failure);
    }

    [NeedsHostCompilerFact]
    public void What_the_compiler_says_of_an_error_is_passed_on()
    {
        var modules = Modules();
        Number("compiles") = 0;
        Assert.Matches("NVRTC_ERROR_COMPILATION.*-DSTEPS=4.*slopes.cu\\(3\\): error: no such slope$", modules.Find(0, Variant).Failure);
        Assert.Equal((0, 0), (Number("programs"), Number("contexts")));
    }

    [NeedsHostCompilerFact]
    public void What_the_driver_says_of_an_error_is_passed_on() =>
        Assert.EndsWith("cuDeviceGet failed with error 101, no such device.", Modules().Find(1, Variant).Failure);

    public void Dispose()
    {
        if (_library != 0)
        {
            NativeLibrary.Free(_library);
        }
        _folder.Dispose();
    }

    private CudaLif Neurons() => new(Compiler(), DeviceType.CPU);

    private LifModules Modules() => new(Compiler());

    private NvrtcCompiler Compiler(LifVariant? variant = null)
    {
        _library = HostCompiler.Load(_folder, variant ?? Variant, "fake_cuda.h");
        return new(new CudaLibraries([], _ => _library));
    }

    private unsafe ref int Number(string variable) => ref *(int*)NativeLibrary.GetExport(_library, variable);

    private string Text(string variable) => Marshal.PtrToStringUTF8(NativeLibrary.GetExport(_library, variable))!;
}
