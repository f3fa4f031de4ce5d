using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

public sealed class VerifyingCompilerTests
{
    private static readonly int[] Steps = [4, 1, 10, 32];

    [NeedsHostCompilerFact]
    public void Correct_kernels_pass_verification()
    {
        using var compiler = new HostCompiler();
        var verifying = new VerifyingCompiler(compiler, DeviceType.CPU);
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16 })
        {
            foreach (var name in new[] { "published", "ATan, tau 3", "PLIF, w 0", "soft reset, attached, whole input", "integer, 4 levels" })
            {
                var (dynamics, w) = KernelLayers.All[name];
                using var noGrad = no_grad();
                Assert.NotNull(verifying.Compile(LifVariant.Of(4, type, dynamics, w is not null), 0));
            }
            foreach (var (i, function) in Enum.GetValues<SurrogateFunction>().Index())
            {
                Assert.NotNull(verifying.Compile(LifVariant.Glif(Steps[i % Steps.Length], type, Surrogate.Of(function)), 0));
            }
        }
        Assert.True(compiler.Launches.ContainsKey("back_wide") && compiler.Launches.ContainsKey("gather"));
    }

    [NeedsHostCompilerTheory]
    [InlineData("fire_wide", "spikes")]
    [InlineData("back_wide", "gradients")]
    [InlineData("gather", "gradient of w")]
    public void Kernels_with_wrong_results_are_rejected(string kernel, string what)
    {
        using var compiler = new HostCompiler();
        var verifying = new VerifyingCompiler(new Spoiler(compiler, kernel), DeviceType.CPU);
        var variant = LifVariant.Of(4, ScalarType.Float32, Layers.Published, true);
        var failure = Assert.Throws<CudaUnavailableException>(() => verifying.Compile(variant, 0));
        Assert.Contains($"the kernel's {what} differed", failure.Message);
    }

    [NeedsHostCompilerTheory]
    [InlineData("fire_wide", "spikes")]
    [InlineData("back_wide", "gradients")]
    [InlineData("gather", "gradients of the gates")]
    public void Glif_runs_as_torch_operations_and_says_so_once_if_its_kernels_give_wrong_results(string kernel, string what)
    {
        using var scope = NewDisposeScope();
        using var compiler = new HostCompiler();
        var neurons = new CudaLif(new VerifyingCompiler(new Spoiler(compiler, kernel), DeviceType.CPU), DeviceType.CPU);
        var (x, upstream) = (Layers.Currents(1, 4, 100), Layers.Signs(2, 4, 100));
        var notices = new List<string>();
        var pass = new Pass(notice: new DistinctNotices(notices.Add).Say, gpu: neurons);
        foreach (var layer in new[] { "gates turned", "initial" })
        {
            GlifLayers.OnGpu(layer, x, upstream, pass).Is(GlifLayers.Composed(layer, x, upstream), layer);
        }
        Assert.Matches($"run as torch operations on the GPU.*the kernel's {what} differed", Assert.Single(notices));
        Assert.Equal(1, compiler.Count);
    }

    [NeedsHostCompilerFact]
    public void Kernels_that_never_fire_the_highest_count_are_rejected()
    {
        using var compiler = new HostCompiler();
        var verifying = new VerifyingCompiler(new Limiter(compiler), DeviceType.CPU);
        var variant = LifVariant.Of(1, ScalarType.Float32, LifDynamics.Integer(tau: 2, levels: 4), false);
        var failure = Assert.Throws<CudaUnavailableException>(() => verifying.Compile(variant, 0));
        Assert.Contains("the kernel's spikes differed", failure.Message);
    }

    // Runs kernels with one level fewer.
    private sealed class Limiter(ILifCompiler inner) : ILifCompiler, ILifModule
    {
        private ILifModule? _module;

        public ILifModule Compile(LifVariant variant, int device)
        {
            _module = inner.Compile(variant, device);
            return this;
        }

        public void Launch(string kernel, uint blocks, in LifPass pass) =>
            _module!.Launch(kernel, blocks, pass with { Levels = pass.Levels - 1 });
    }

    // Changes one number in the results of one kernel.
    private sealed class Spoiler(ILifCompiler inner, string spoilt) : ILifCompiler, ILifModule
    {
        private ILifModule? _module;

        public ILifModule Compile(LifVariant variant, int device)
        {
            _module = inner.Compile(variant, device);
            return this;
        }

        public unsafe void Launch(string kernel, uint blocks, in LifPass pass)
        {
            _module!.Launch(kernel, blocks, pass);
            if (kernel == spoilt)
            {
                *(float*)(kernel == "gather" ? pass.WGradient : pass.Result) += 1000;
            }
        }
    }
}
