using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The text of GLIF's CUDA kernels, compiled for the CPU and called by the layer as on a GPU.</summary>
public sealed class GlifKernelTests(HostCompiler compiler) : IClassFixture<HostCompiler>
{
    private readonly CudaLif _neurons = new(new VerifyingCompiler(compiler, DeviceType.CPU), DeviceType.CPU);

    public static TheoryData<string> Names => [.. GlifLayers.All.Keys];

    public static TheoryData<SurrogateFunction> Surrogates => [.. Enum.GetValues<SurrogateFunction>()];

    [NeedsHostCompilerTheory]
    [MemberData(nameof(Names))]
    public void A_kernel_fires_and_passes_gradients_back_as_the_composed_layer(string name)
    {
        foreach (var neurons in new long[] { 1, 31, 300, 1500 })
        {
            using var scope = NewDisposeScope();
            var (x, upstream) = (Layers.Currents((ulong)neurons, 4, neurons), Layers.Signs(1, 4, neurons));
            Run(name, x, upstream).IsNear(GlifLayers.Composed(name, x, upstream), $"{name}, {neurons} neurons");
        }
    }

    [NeedsHostCompilerTheory]
    [MemberData(nameof(Surrogates))]
    public void Every_surrogate_has_a_kernel(SurrogateFunction surrogate)
    {
        using var scope = NewDisposeScope();
        var (x, upstream) = (Layers.Currents(2, 4, 300), Layers.Signs(3, 4, 300));
        GlifLayers.OnGpu("gates turned", x, upstream, Pass(), surrogate)
            .IsNear(GlifLayers.Composed("gates turned", x, upstream, surrogate), $"{surrogate}", 1e-5);
    }

    [NeedsHostCompilerTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(32)]
    public void Any_number_of_time_steps_works(int steps)
    {
        foreach (var neurons in new long[] { 7, 516 })
        {
            using var scope = NewDisposeScope();
            var (x, upstream) = (Layers.Currents((ulong)steps, steps, neurons), Layers.Signs(2, steps, neurons));
            Run("gates turned", x, upstream).IsNear(GlifLayers.Composed("gates turned", x, upstream), $"{steps} x {neurons}");
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(ScalarType.Float16, 1.0 / 2048)]
    [InlineData(ScalarType.BFloat16, 1.0 / 256)]
    public void Numbers_of_sixteen_bits_are_stored_and_membranes_kept_in_float32(ScalarType type, double rounding)
    {
        using var scope = NewDisposeScope();
        foreach (var name in GlifLayers.All.Keys)
        {
            var (x, upstream) = (Layers.Currents(3, 4, 33).to_type(type), Layers.Signs(4, 4, 33).to_type(type));
            var kernel = Run(name, x, upstream);
            Assert.Equal((type, type), (kernel.Spikes.dtype, kernel.X.dtype));
            kernel.IsNear(GlifLayers.Composed(name, x.to_type(float32), upstream.to_type(float32)), $"{name}, {type}", rounding);
        }
    }

    [NeedsHostCompilerTheory]
    [MemberData(nameof(Names))]
    public void Gradients_of_parameters_are_those_of_double_precision(string name)
    {
        using var scope = NewDisposeScope();
        var x = GlifLayers.Clear(name, Layers.Currents(1, 4, 20_000));
        var exact = GlifLayers.Composed(name, x.to_type(float64), ones_like(x, dtype: float64));
        var kernel = Run(name, x, ones_like(x));
        foreach (var (key, expected) in exact.Parameters)
        {
            // As for the CPU's pass: a reset that is nearly hard leaves two digits of a small gradient.
            var scale = expected.abs().max().item<double>();
            Close.Within(2e-6 * scale + 1e-3, expected, kernel.Parameters[key], $"gradient of {key}, up to {scale}");
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(1500)]
    [InlineData(1501)]
    public void Fewer_blocks_take_more_neurons_each_and_two_runs_give_the_same_bits(long neurons)
    {
        using var scope = NewDisposeScope();
        var (x, upstream) = (Layers.Currents(5, 4, neurons), Layers.Signs(6, 4, neurons));
        var all = Run("gates turned", x, upstream);
        Run("gates turned", x, upstream).Is(all, "second run");
        var two = new Pass(notice: Assert.Fail, gpu: new CudaLif(new Narrower(compiler, blocks: 2), DeviceType.CPU));
        var fewer = GlifLayers.OnGpu("gates turned", x, upstream, two);
        Close.Equal(all.X, fewer.X, "gradient of x");
        fewer.IsNear(all, "two blocks");
    }

    [Fact]
    public void A_backward_pass_has_at_most_as_many_blocks_as_the_largest_gpu_runs_at_a_time()
    {
        using var scope = NewDisposeScope();
        var recorder = new Narrower(null, blocks: 0);
        var x = zeros(4, 128 * 4 * 3000);
        var (layer, rows) = (new CudaGlifLayer(Surrogate.Default, recorder), NeuronRows.Of(x));
        layer.Fire(x, rows, zeros(9));
        layer.Backward(x, rows, zeros(9), x, learns: true);
        Assert.Equal([("fire_wide", 3000u, 0L), ("back_wide", 2048u, 2048L), ("gather", 1u, 2048L)], recorder.Launches);
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
        foreach (var name in GlifLayers.All.Keys)
        {
            var composed = GlifLayers.Composed(name, x, ones_like(x));
            var kernel = Run(name, x, ones_like(x));
            Close.Equal(composed.Spikes, kernel.Spikes, $"{name}: spikes");
            Close.Equal(composed.X.isnan(), kernel.X.isnan(), $"{name}: undefined gradients");
            Close.Within(2e-6, composed.X.nan_to_num(), kernel.X.nan_to_num(), $"{name}: gradient of x");
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
            // A convolution's output with time folded into the batch, channels last.
            ChannelsLast.Arrange(Layers.Currents(8, 12, 16, 5, 3), axis: 1).unflatten(0, 4, 3),
            // One element from the start of an aligned block: four neurons are not one aligned word.
            Layers.Currents(8, 401)[TensorIndex.Slice(1)].reshape(4, 100),
        ];
        foreach (var view in views)
        {
            var what = $"[{string.Join(", ", view.shape)}]";
            var upstream = Layers.Signs(9, view.shape);
            var composed = GlifLayers.Composed("gates turned", view, upstream);
            Run("gates turned", view, upstream.transpose(0, -1).contiguous().transpose(0, -1)).IsNear(composed, what);
            Run("gates turned", view, ones(1).expand(view.shape))
                .Is(Run("gates turned", view, ones(view.shape)), $"{what}: one upstream number");
        }
    }

    [NeedsHostCompilerFact]
    public void A_gradient_that_is_not_requested_is_not_computed()
    {
        using var scope = NewDisposeScope();
        using var counter = new HostCompiler();
        var pass = new Pass(notice: Assert.Fail, gpu: new CudaLif(counter, DeviceType.CPU));
        using var neuron = GlifLayers.Create("initial", 4);
        foreach (var parameter in neuron.parameters())
        {
            parameter.requires_grad = false;
        }
        var x = Layers.Currents(10, 4, 100).requires_grad_();
        pass.Backward(neuron.call(x, pass).sum());
        Assert.Equal(["back_wide", "fire_wide"], counter.Launches.Keys.Order());
        using (no_grad())
        {
            Assert.False(neuron.call(x, pass).requires_grad);
        }
        Assert.Equal((1, 2), (counter.Count, counter.Launches["fire_wide"]));
    }

    [NeedsHostCompilerFact]
    public void Twenty_training_steps_leave_no_tensor_behind()
    {
        using var x = randn(4, 30).requires_grad_();
        using var neuron = GlifLayers.Create("initial", 4);
        long before = 0;
        for (var step = 0; step < 20; step++)
        {
            using (NewDisposeScope())
            {
                var pass = Pass();
                pass.Backward(neuron.call(neuron.call(x, pass), pass).sum());
            }
            // The first step makes the gradients of x and of the parameters.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private Pass Pass() => new(notice: Assert.Fail, gpu: _neurons);

    private GlifOutcome Run(string name, Tensor x, Tensor upstream) => GlifLayers.OnGpu(name, x, upstream, Pass());

    // Runs backward passes with fewer blocks, and records all launches.
    private sealed class Narrower(ILifCompiler? inner, uint blocks) : ILifCompiler, ILifModule
    {
        private ILifModule? _module;

        public List<(string Kernel, uint Blocks, long OfPass)> Launches { get; } = [];

        public ILifModule Compile(LifVariant variant, int device)
        {
            _module = inner!.Compile(variant, device);
            return this;
        }

        public void Launch(string kernel, uint given, in LifPass pass)
        {
            Launches.Add((kernel, given, pass.Blocks));
            var isForward = kernel.StartsWith("fire", StringComparison.Ordinal);
            Assert.True(_module is null || isForward || given == 1 || given > blocks, "There is nothing to narrow.");
            _module?.Launch(
                kernel, kernel.StartsWith("back", StringComparison.Ordinal) ? blocks : given,
                isForward ? pass : pass with { Blocks = blocks });
        }
    }
}
