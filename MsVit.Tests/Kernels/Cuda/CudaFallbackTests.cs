using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>What a layer on a GPU does where its kernel cannot be had. The CPU stands in for the GPU.</summary>
public sealed class CudaFallbackTests
{
    private readonly List<string> _warnings = [];
    private readonly Pass _pass;

    public CudaFallbackTests() => _pass = new(notice: new DistinctNotices(_warnings.Add).Say);

    [Fact]
    public void A_machine_without_a_driver_is_told_so_in_one_line_however_many_layers_there_are()
    {
        var searched = 0;
        var neurons = Neurons(new CudaLibraries([], _ => { searched++; return 0; }));
        using var scope = NewDisposeScope();
        for (var call = 0; call < 3; call++)
        {
            Assert.False(neurons.Covers(ones(4, 10), Layers.Published, _pass));
        }
        Assert.Matches("run as torch operations on the GPU.*the CUDA driver was not found \\(tried .*cuda", Assert.Single(_warnings));
        var first = searched;
        Assert.True(first > 0);
        Assert.False(neurons.Covers(ones(5, 10), Layers.Published, _pass));
        Assert.Equal(first, searched);
    }

    [Fact]
    public void Torchs_own_NVRTC_is_tried_before_the_systems_and_neither_its_builtins_nor_its_alternative()
    {
        using var folder = new Support.TemporaryFolder();
        string[] files = OperatingSystem.IsWindows()
            ? ["nvrtc64_120_0.dll", "nvrtc-builtins64_128.dll", "nvrtc64_120_0.alt.dll"]
            : ["libnvrtc-b51b459d.so.12", "libnvrtc-builtins.so.12.8", "libnvrtc.alt.so.12"];
        var torchs = files.Select(file => folder.Write(file, [])).First();
        var tried = new List<string>();
        var failure = Assert.Throws<CudaUnavailableException>(() =>
            new CudaLibraries([folder.Path, "/not/there"], name => { tried.Add(name); return 0; }).Nvrtc());
        Assert.Equal(torchs, tried[0]);
        Assert.All(tried.Skip(1), name => Assert.DoesNotContain(folder.Path, name));
        Assert.True(tried.Count > 3);
        Assert.All(tried, name => Assert.Contains(name, failure.Message));
        Assert.Equal(7, new CudaLibraries([folder.Path], name => name == torchs ? 7 : 0).Nvrtc());
    }

    [Fact]
    public void What_the_kernels_do_not_cover_is_named()
    {
        var neurons = Neurons(new NeverCompiler());
        using var scope = NewDisposeScope();
        Assert.False(neurons.Covers(ones(33, 2), Layers.Published, _pass));
        Assert.False(neurons.Covers(ones([4, 2], dtype: float64), Layers.Published, _pass));
        Assert.False(neurons.Covers(ones(4, 2), Layers.Published, _pass, ones(3)));
        Assert.Collection(
            _warnings,
            line => Assert.Contains("more than 32 time steps", line),
            line => Assert.Contains("Float64", line),
            line => Assert.Contains("w is not one float32 number", line));
    }

    [Fact]
    public void What_the_kernel_of_glif_does_not_cover_is_named()
    {
        using var scope = NewDisposeScope();
        var pass = new Pass(notice: new DistinctNotices(_warnings.Add).Say, gpu: Neurons(new NeverCompiler()));
        Assert.False(CudaGlif.Covers(ones(33, 2), Surrogate.Default, zeros(33), pass));
        Assert.False(CudaGlif.Covers(ones([4, 2], dtype: float64), Surrogate.Default, zeros(4), pass));
        Assert.False(CudaGlif.Covers(ones(3, 2), Surrogate.Default, zeros(4), pass));
        Assert.False(CudaGlif.Covers(ones(4, 2), Surrogate.Default, zeros([4], dtype: float64), pass));
        Assert.False(CudaGlif.Covers(ones(4, 0), Surrogate.Default, zeros(4), pass));
        Assert.Collection(
            _warnings,
            line => Assert.Contains("more than 32 time steps", line),
            line => Assert.Contains("Float64", line),
            line => Assert.Contains("conductances for 4 time steps; the input has 3", line),
            line => Assert.Contains("parameters are not float32", line));
    }

    [Fact]
    public void Nothing_is_said_of_layers_that_are_not_on_the_gpu_or_empty()
    {
        using var scope = NewDisposeScope();
        var gpu = new CudaLif(new NeverCompiler(), DeviceType.CUDA);
        Assert.False(gpu.Covers(ones(33, 2), Layers.Published, _pass));
        Assert.False(Neurons(new NeverCompiler()).Covers(ones(4, 0), Layers.Published, _pass));
        Assert.False(Neurons(new NeverCompiler()).Covers(tensor(1f), Layers.Published, _pass));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Each_kind_of_layer_is_compiled_once_on_each_device()
    {
        var compiler = new CountingCompiler();
        var modules = new LifModules(compiler);
        var lif = LifVariant.Of(4, ScalarType.Float32, Layers.Published, false);
        Parallel.For(0, 16, _ => modules.Find(0, lif));
        Assert.Same(modules.Find(0, lif), modules.Find(0, lif with { Steps = 4 }));
        modules.Find(1, lif);
        modules.Find(0, lif with { Steps = 5 });
        Assert.Equal([(0, 4), (1, 4), (0, 5)], compiler.Asked.Select(asked => (asked.Device, asked.Variant.Steps)));
    }

    [Fact]
    public void Each_caller_is_told_once_why_the_kernels_that_all_share_are_missing()
    {
        var others = new List<string>();
        var (neurons, mine, other) = (Neurons(new CudaLibraries([], _ => 0)), _pass, new Pass(notice: new DistinctNotices(others.Add).Say));
        using var scope = NewDisposeScope();
        for (var call = 0; call < 3; call++)
        {
            Assert.False(neurons.Covers(ones(4, 10), Layers.Published, mine));
            Assert.False(neurons.Covers(ones(4, 10), Layers.Published, other));
            Assert.False(neurons.Covers(ones(4, 10), Layers.Published, new()));
        }
        Assert.Equal(Assert.Single(_warnings), Assert.Single(others));
    }

    [Fact]
    public void An_address_is_that_of_the_first_element_of_a_view()
    {
        using var scope = NewDisposeScope();
        var x = arange(12, dtype: float32).reshape(3, 4);
        Assert.Equal(TensorAddress.Of(x) + 6 * sizeof(float), TensorAddress.Of(x[1, TensorIndex.Slice(2)]));
        Assert.Throws<InvalidOperationException>(() => TensorAddress.Of(empty(0)));
    }

    private static CudaLif Neurons(CudaLibraries libraries) => Neurons(new NvrtcCompiler(libraries));

    private static CudaLif Neurons(ILifCompiler compiler) => new(compiler, DeviceType.CPU);

    private sealed class NeverCompiler : ILifCompiler
    {
        public ILifModule Compile(LifVariant variant, int device) => throw new InvalidOperationException("Nothing is to be compiled.");
    }

    private sealed class CountingCompiler : ILifCompiler, ILifModule
    {
        public List<(int Device, LifVariant Variant)> Asked { get; } = [];

        public ILifModule Compile(LifVariant variant, int device)
        {
            Asked.Add((device, variant));
            return new CountingCompiler();
        }

        public void Launch(string kernel, uint blocks, in LifPass pass)
        {
        }
    }
}
