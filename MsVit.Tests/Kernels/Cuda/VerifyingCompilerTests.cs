using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

public sealed class VerifyingCompilerTests
{
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
