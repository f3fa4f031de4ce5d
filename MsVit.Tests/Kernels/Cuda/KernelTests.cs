using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The text of the CUDA kernels, compiled for the CPU and called as on a GPU.</summary>
public sealed class KernelTests(HostCompiler compiler) : IClassFixture<HostCompiler>
{
    private readonly CudaLif _neurons = new(new VerifyingCompiler(compiler, DeviceType.CPU), DeviceType.CPU);

    public static TheoryData<string> Names => [.. KernelLayers.All.Keys];

    public static TheoryData<int> Steps => [.. Enumerable.Range(1, 16), 32];

    [NeedsHostCompilerTheory]
    [MemberData(nameof(Names))]
    public void A_kernel_fires_and_passes_gradients_back_as_the_composed_layer(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var neurons in new long[] { 1, 31, 300, 1500 })
        {
            KernelLayers.Compare(_neurons, name, Layers.Currents((ulong)neurons, 4, neurons), Layers.Signs(1, 4, neurons));
        }
    }

    [NeedsHostCompilerTheory]
    [MemberData(nameof(Steps))]
    public void Any_number_of_time_steps_works(int steps)
    {
        using var scope = NewDisposeScope();
        foreach (var neurons in new long[] { 7, 516 })
        {
            var (x, upstream) = (Layers.Currents((ulong)steps, steps, neurons), Layers.Signs(2, steps, neurons));
            KernelLayers.Compare(_neurons, "PLIF, w 0.4, reset to -0.25", x, upstream);
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(ScalarType.Float16, "published")]
    [InlineData(ScalarType.BFloat16, "published")]
    [InlineData(ScalarType.Float16, "PLIF, w -0.7, threshold 0.5")]
    [InlineData(ScalarType.BFloat16, "PLIF, w -0.7, threshold 0.5")]
    [InlineData(ScalarType.BFloat16, "ATan, tau 3")]
    [InlineData(ScalarType.Float16, "integer, 4 levels")]
    [InlineData(ScalarType.BFloat16, "integer, 16 levels, tau 3")]
    public void Numbers_of_sixteen_bits_are_stored_and_membranes_kept_in_float32(ScalarType type, string name)
    {
        using var scope = NewDisposeScope();
        foreach (var neurons in new long[] { 1, 33, 1028 })
        {
            KernelLayers.Compare(_neurons, name, Layers.Currents(3, 4, neurons).to_type(type), Layers.Signs(4, 4, neurons).to_type(type));
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(ScalarType.Float16, 1)]
    [InlineData(ScalarType.Float16, 3)]
    [InlineData(ScalarType.BFloat16, 1)]
    [InlineData(ScalarType.BFloat16, 3)]
    public void Every_number_of_sixteen_bits_is_read_and_rounded_as_torch_does(ScalarType type, int tau)
    {
        using var scope = NewDisposeScope();
        // With a slope of 1 and a single step, the gradient of x is the upstream one divided by tau.
        var dynamics = new LifDynamics(tau, 1, new(SurrogateFunction.LeakyKReLU, 1, 1));
        var all = empty([1, 65536], dtype: type);
        Enumerable.Range(0, 65536).Select(bits => (ushort)bits).ToArray().CopyTo(MemoryMarshal.Cast<byte, ushort>(all.bytes));
        var kernel = KernelLayers.Run(_neurons, zeros_like(all), dynamics, null, all).X;
        var expected = all.to_type(float32).div(tau).to_type(type);
        Close.Equal(expected.isnan(), kernel.isnan(), "not-a-number");
        Assert.InRange(expected.isnan().sum().item<long>(), 1, 4096);
        // The sign of zero is lost where nothing comes back from a later step.
        var plain = expected.isnan().logical_or(expected == 0);
        Assert.Equal(Bits(expected.masked_fill(plain, 0)), Bits(kernel.masked_fill(plain, 0)));
        Assert.Equal(0, kernel[expected == 0].to_type(float32).abs().sum().item<float>());
    }

    [NeedsHostCompilerTheory]
    [InlineData(ScalarType.Float32, 48, 7)]
    [InlineData(ScalarType.BFloat16, 48, 7)]
    [InlineData(ScalarType.Float16, 64, 4)]
    [InlineData(ScalarType.Float32, 3, 4)]
    [InlineData(ScalarType.BFloat16, 5, 60)]
    public void Spikes_of_shifted_currents_are_added_to_the_residual(ScalarType type, int channels, int tokens)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        var inRows = Layers.Currents(11, 4, 3, channels, tokens).to_type(type);
        var shift = Layers.Currents(12, channels);
        var residual = randint(0, 3, inRows.shape, generator: new Generator(13)).to_type(type);
        foreach (var dynamics in new[] { Layers.Published, LifDynamics.Integer(tau: 2, levels: 4) })
        {
            using var neuron = new LifNeuron(dynamics);
            foreach (var x in new[] { inRows, ChannelsLast.Arrange(inRows, axis: 2) })
            {
                AssertSums(neuron, x);
            }
        }

        void AssertSums(LifNeuron neuron, Tensor x)
        {
            foreach (var (lacking, target) in new[] { (shift, residual), (shift, (Tensor?)null), (null!, residual) })
            {
                var wide = x.to_type(float32);
                var expected = EagerLif.Fire(lacking is null ? wide : wide + lacking.view(channels, 1), neuron.Dynamics, new());
                Close.Equal(
                    (target is null ? expected : expected + target.to_type(float32)).to_type(type),
                    _neurons.FireFolded(x.flatten(0, 1), steps: 4, x.shape, neuron, new(), lacking, target),
                    $"{x.stride()[2]} apart, shift {lacking is not null}, residual {target is not null}");
            }
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(2, 3, 16)]
    [InlineData(4, 1, 5)]
    [InlineData(1, 4, 20)]
    public void Time_folded_into_the_batch_gives_the_spikes_and_gradients_of_time_first(int steps, int batch, int channels)
    {
        using var scope = NewDisposeScope();
        long[] shape = [steps, batch, channels, 3, 2];
        var x = Layers.Currents(15, shape);
        var (upstream, residual) = (Layers.Signs(16, shape), randint(0, 3, shape, generator: new Generator(17)).to_type(float32));
        using var neuron = new PlifNeuron(Layers.Published);
        var expected = Layers.Eager(x, Layers.Published, 0, upstream);
        foreach (var folded in new[] { x.flatten(0, 1).reshape(-1, channels, 1, 6), ChannelsLast.Arrange(x.flatten(0, 1), axis: 1) })
        {
            foreach (var gradient in new[] { upstream, ChannelsLast.Arrange(upstream, axis: 2) })
            {
                var (input, other) = (folded.detach().requires_grad_(), residual.detach().requires_grad_());
                var pass = new Pass(notice: Assert.Fail);
                Assert.True(_neurons.Covers(input, Layers.Published, pass, neuron.W, steps));
                var spikes = _neurons.FireFolded(input, steps, shape, neuron, pass, residual: other);
                var gradients = pass.Gradients(spikes, [input, other, neuron.W!], gradient);
                Close.Equal(expected.Spikes + residual, spikes.detach(), "spikes");
                Close.Within(1e-6, expected.X, gradients[0].reshape(shape), "gradient of x");
                Close.Equal(upstream, gradients[1], "gradient of the residual");
                Close.Within(1e-4, expected.W!, gradients[2], "gradient of w");
            }
        }
    }

    [NeedsHostCompilerFact]
    public void Neurons_run_across_the_batch_where_its_samples_are_their_time_steps()
    {
        using var scope = NewDisposeScope();
        long[] shape = [2, 3, 16, 5];
        var (x, upstream) = (Layers.Currents(18, shape), Layers.Signs(19, shape));
        using var neuron = new LifNeuron(Layers.Published);
        var expected = Layers.Eager(x.flatten(0, 1), Layers.Published, null, upstream.flatten(0, 1));
        var (input, pass) = (x.reshape(6, 16, 1, 5).detach().requires_grad_(), new Pass());
        var spikes = _neurons.FireFolded(input, steps: 6, shape, neuron, pass);
        var gradient = pass.Gradients(spikes, [input], upstream)[0];
        Close.Equal(expected.Spikes.reshape(shape), spikes.detach(), "spikes");
        Close.Within(1e-6, expected.X.reshape(shape), gradient.reshape(shape), "gradient of x");
    }

    [NeedsHostCompilerFact]
    public void Integer_neurons_reach_every_level_and_keep_an_undefined_current_undefined()
    {
        using var scope = NewDisposeScope();
        foreach (var (tau, levels, steps) in new[] { (2, 1, 1), (2, 4, 1), (3, 16, 5) })
        {
            var x = Layers.Currents(14, steps, 1500) * (levels / 4.0 + 0.5);
            x[0, 3] = tensor(float.NaN);
            var dynamics = LifDynamics.Integer(tau, levels);
            var eager = Layers.Eager(x, dynamics, null, ones_like(x));
            var kernel = KernelLayers.Run(_neurons, x, dynamics, null, ones_like(x));
            Assert.Equal(levels + 1, eager.Spikes.masked_select(eager.Spikes.isnan().logical_not()).unique().output.numel());
            Assert.True(kernel.Spikes[.., 3].isnan().all().item<bool>());
            Close.Equal(eager.Spikes.nan_to_num(-1), kernel.Spikes.nan_to_num(-1), $"{levels} levels: spikes");
            Close.Within(1e-6, eager.X, kernel.X, $"{levels} levels: gradient of x");
        }
    }

    [NeedsHostCompilerFact]
    public void The_gradient_of_w_is_that_of_exact_arithmetic()
    {
        using var scope = NewDisposeScope();
        // With a rate of 1/2 and these inputs, four steps are exact in float32.
        var x = (Layers.Currents(1, 4, 50_000) * 64).round() / 64;
        var exact = Layers.Eager(x.to_type(float64), Layers.Published, 0, ones([4, 50_000], dtype: float64));
        var kernel = KernelLayers.Run(_neurons, x, Layers.Published, 0, ones(4, 50_000));
        Close.Within(1e-6 * Math.Abs(exact.W!.item<double>()), exact.W!, kernel.W!, "gradient of w");
    }

    [NeedsHostCompilerFact]
    public void Infinite_and_undefined_inputs_give_what_the_composed_layer_gives()
    {
        using var scope = NewDisposeScope();
        float[] strange =
            [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, float.Epsilon, -0f, 0];
        var x = Layers.Currents(5, 4, 8, 20);
        for (var t = 0; t < 4; t++)
        {
            x[t, .., t] = tensor(strange);
        }
        foreach (var name in new[] { "published", "soft reset", "reset to -0.25", "PLIF, w 0.4, whole input", "integer, 4 levels" })
        {
            var (dynamics, w) = KernelLayers.All[name];
            var eager = Layers.Eager(x, dynamics, w, ones_like(x));
            var kernel = KernelLayers.Run(_neurons, x, dynamics, w, ones_like(x));
            Close.Equal(eager.Spikes.isnan(), kernel.Spikes.isnan(), $"{name}: undefined spikes");
            Close.Equal(eager.Spikes.nan_to_num(), kernel.Spikes.nan_to_num(), $"{name}: spikes");
            Close.Equal(eager.X.isnan(), kernel.X.isnan(), $"{name}: undefined gradients");
            Close.Within(1e-6, eager.X.nan_to_num(), kernel.X.nan_to_num(), $"{name}: gradient of x");
        }
    }

    [NeedsHostCompilerFact]
    public void Views_of_inputs_and_of_gradients_give_what_their_copies_give()
    {
        using var scope = NewDisposeScope();
        var frames = Layers.Currents(6, 8, 5, 6, 7);
        Tensor[] views =
        [
            Layers.Currents(7, 3, 5, 8).unsqueeze(0).expand(4, 3, 5, 8),
            frames[TensorIndex.Slice(1, null, 2)],
            frames[TensorIndex.Slice(4), 1..3],
            frames[TensorIndex.Slice(4), 2, 3, 4],
            frames.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2)[TensorIndex.Slice(4)],
            // One element from the start of an aligned block: four neurons are not one aligned word.
            Layers.Currents(8, 401)[TensorIndex.Slice(1)].reshape(4, 100),
        ];
        foreach (var view in views)
        {
            foreach (var w in new float?[] { null, 0.4f })
            {
                var upstream = Layers.Signs(9, view.shape);
                var turned = upstream.transpose(0, -1).contiguous().transpose(0, -1);
                var expected = KernelLayers.Run(_neurons, view.contiguous(), Layers.Published, w, upstream);
                KernelLayers.Run(_neurons, view, Layers.Published, w, turned).Is(expected, $"[{string.Join(", ", view.shape)}]");
                KernelLayers.Run(_neurons, view, Layers.Published, w, ones(1).expand(view.shape))
                    .Is(KernelLayers.Run(_neurons, view.contiguous(), Layers.Published, w, ones(view.shape)), "one upstream number");
            }
        }
    }

    [NeedsHostCompilerFact]
    public void A_gradient_that_is_not_requested_is_not_computed()
    {
        using var scope = NewDisposeScope();
        using var counter = new HostCompiler();
        var neurons = new CudaLif(counter, DeviceType.CPU);
        var x = Layers.Currents(10, 4, 100).requires_grad_();
        var pass = new Pass();
        neurons.Covers(x, Layers.Published, pass, tensor(0.4f));
        pass.Backward(neurons.Fire(x, Layers.Published, pass, tensor(0.4f)).sum());
        Assert.Equal(["back_wide", "fire_wide"], counter.Launches.Keys.Order());
        using (no_grad())
        {
            Assert.False(neurons.Fire(x, Layers.Published, new(), tensor(0.4f)).requires_grad);
        }
        Assert.Equal(1, counter.Count);
    }

    [NeedsHostCompilerFact]
    public unsafe void The_argument_is_as_large_for_the_kernels_as_for_us()
    {
        var module = (HostModule)((ILifCompiler)compiler).Compile(LifVariant.Of(2, ScalarType.Float32, Layers.Published, false), 0);
        Assert.Equal((uint)sizeof(LifPass), module.PassSize);
    }

    [NeedsHostCompilerFact]
    public void Twenty_training_steps_leave_no_tensor_behind()
    {
        using var x = randn(4, 30).requires_grad_();
        using var w = tensor(0f).requires_grad_();
        long before = 0;
        for (var step = 0; step < 20; step++)
        {
            using (NewDisposeScope())
            {
                var pass = new Pass();
                Assert.True(_neurons.Covers(x, Layers.Published, pass, w));
                pass.Backward(_neurons.Fire(x, Layers.Published, pass, w).sum());
            }
            // The first step makes the gradients of x and w.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static ushort[] Bits(Tensor tensor) => MemoryMarshal.Cast<byte, ushort>(tensor.bytes).ToArray();
}
