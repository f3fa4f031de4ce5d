using System.Text;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The compiler itself, which needs no GPU.</summary>
public sealed class NvrtcTests
{
    [NeedsNvrtcFact]
    public void Nvrtc_compiles_every_kind_of_layer_for_its_oldest_and_newest_gpu()
    {
        var nvrtc = new Nvrtc(CudaLibraries.OfThisProcess().Nvrtc());
        var architectures = nvrtc.Architectures();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16 })
        {
            var variants = KernelLayers.All.Values.Select(layer => LifVariant.Of(4, type, layer.Dynamics, layer.W is not null))
                .Concat(Enum.GetValues<SurrogateFunction>().Select(function => LifVariant.Glif(4, type, Surrogate.Of(function))));
            foreach (var variant in variants.Distinct())
            {
                Assert.NotEmpty(nvrtc.Compile(variant.Source, architectures[0], variant.Macros));
                Assert.NotEmpty(nvrtc.Compile(variant.Source, architectures[^1], variant.Macros));
            }
        }
    }

    [NeedsNvrtcFact]
    public void Nvrtc_gives_ptx_for_a_gpu_that_is_newer_than_itself()
    {
        var nvrtc = new Nvrtc(CudaLibraries.OfThisProcess().Nvrtc());
        var variant = LifVariant.Of(4, ScalarType.Float32, Layers.Published, false);
        Assert.Contains(".entry back_wide", Encoding.UTF8.GetString(nvrtc.Compile(variant.Source, 999, variant.Macros)));
    }

    [NeedsNvrtcFact]
    public void Nvrtc_names_the_file_and_line_of_an_error()
    {
        var nvrtc = new Nvrtc(CudaLibraries.OfThisProcess().Nvrtc());
        var source = LifVariant.Of(4, ScalarType.Float32, Layers.Published, false).Source;
        var failure = Assert.Throws<CudaUnavailableException>(
            () => nvrtc.Compile(source, nvrtc.Architectures()[^1], ["-DSTEPS=4"]));
        Assert.Contains("storage.cu(", failure.Message);
    }
}

/// <summary>A fact about NVRTC; skipped, saying what was tried, where it is not found.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsNvrtcFactAttribute : FactAttribute
{
    public NeedsNvrtcFactAttribute()
    {
        try
        {
            CudaLibraries.OfThisProcess().Nvrtc();
        }
        catch (CudaUnavailableException e)
        {
            Skip = $"Needs NVRTC, of CUDA or of torch's CUDA packages: {e.Message}";
        }
    }
}
