using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

public sealed class LifVariantTests
{
    [Fact]
    public void A_layer_is_compiled_with_its_kind_and_not_with_its_constants()
    {
        var variant = LifVariant.Of(4, ScalarType.BFloat16, Layers.Published with { ResetTo = null, Tau = 3 }, isPlif: false);
        Assert.Equal(
            "-DSTEPS=4 -DSTORAGE=BFloat16 -DSLOPE=Sigmoid -DLEARNS=0 -DDIVIDES=1 -DSOFT_RESET=1 -DDETACHES_RESET=1 -DDECAYS_INPUT=1 "
                + "-DCOUNTS=0 -DTHREADS=128 -DWIDE=4",
            string.Join(' ', variant.Macros));
        var dynamics = Layers.Published with { ResetTo = null, Tau = 1.7, Threshold = 0.5 };
        Assert.Equal(variant, LifVariant.Of(4, ScalarType.BFloat16, dynamics, false));
    }

    [Fact]
    public void Each_kind_of_layer_is_a_separate_variant()
    {
        var published = Layers.Published;
        LifVariant[] variants =
        [
            LifVariant.Of(4, ScalarType.Float32, published, false),
            LifVariant.Of(5, ScalarType.Float32, published, false),
            LifVariant.Of(4, ScalarType.Float16, published, false),
            LifVariant.Of(4, ScalarType.Float32, published, true),
            LifVariant.Of(4, ScalarType.Float32, published with { Tau = 3 }, false),
            LifVariant.Of(4, ScalarType.Float32, published with { ResetTo = null }, false),
            LifVariant.Of(4, ScalarType.Float32, published with { DetachReset = false }, false),
            LifVariant.Of(4, ScalarType.Float32, published with { DecayInput = false }, false),
            LifVariant.Of(4, ScalarType.Float32, published with { Surrogate = Surrogate.Of(SurrogateFunction.Erf) }, false),
            LifVariant.Of(4, ScalarType.Float32, LifDynamics.Integer(2, 4), false),
            LifVariant.Glif(4, ScalarType.Float32, published.Surrogate),
            LifVariant.Glif(4, ScalarType.BFloat16, published.Surrogate),
        ];
        Assert.Equal(variants.Length, variants.Distinct().Count());
        Assert.Equal(variants.Length, variants.Select(variant => string.Join(' ', variant.Macros)).Distinct().Count());
    }

    [Fact]
    public void Integer_neurons_of_all_levels_and_time_constants_share_their_kernels() => Assert.Equal(
        LifVariant.Of(4, ScalarType.Float32, LifDynamics.Integer(tau: 2, levels: 4), false),
        LifVariant.Of(4, ScalarType.Float32, LifDynamics.Integer(tau: 3, levels: 1), false));

    [Fact]
    public void A_leak_is_a_product_only_if_that_is_exact()
    {
        LeakForm Of(double tau, bool isPlif) => LifVariant.Of(4, ScalarType.Float32, Layers.Published with { Tau = tau }, isPlif).Leak;
        Assert.All([2, 1, 0.25], tau => Assert.Equal(LeakForm.Product, Of(tau, false)));
        Assert.All([3, 1.1], tau => Assert.Equal(LeakForm.Quotient, Of(tau, false)));
        Assert.All([2, 3.0], tau => Assert.Equal(LeakForm.Learned, Of(tau, true)));
    }

    [Fact]
    public void The_source_includes_nothing_and_has_every_kernel_and_every_slope()
    {
        LifVariant[] variants =
            [LifVariant.Of(4, ScalarType.Float32, Layers.Published, false), LifVariant.Glif(4, ScalarType.Float32, Surrogate.Default)];
        Assert.Equal([11, 5], variants.Select(variant => variant.Kernels.Count));
        foreach (var variant in variants)
        {
            Assert.DoesNotContain("#include", variant.Source);
            foreach (var kernel in variant.Kernels)
            {
                Assert.Contains($"extern \"C\" __global__ void {kernel}(Pass pass)", variant.Source);
            }
            foreach (var function in Enum.GetNames<SurrogateFunction>())
            {
                Assert.Contains($"float slope_{function}(", variant.Source);
            }
        }
    }
}
