using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The CUDA kernels for a batch norm and the neurons behind it, compiled for the CPU.</summary>
public sealed class NormKernelTests(HostCompiler compiler) : IClassFixture<HostCompiler>
{
    private readonly CudaLif _neurons = new(new VerifyingCompiler(compiler, DeviceType.CPU), DeviceType.CPU);

    [NeedsHostCompilerTheory]
    [InlineData("published")]
    [InlineData("ATan, tau 3")]
    [InlineData("soft reset, threshold 0.5, undetached")]
    [InlineData("whole input, tau 3, reset to 0.1")]
    [InlineData("PLIF, w 0.4, reset to -0.25")]
    [InlineData("PLIF, w 0.4, whole input")]
    [InlineData("integer, 4 levels")]
    public void Norm_and_neurons_do_what_torchs_norm_and_the_composed_neurons_do(string name)
    {
        var (dynamics, w) = Layers.All[name];
        foreach (var channels in new long[] { 1, 5, 16, 33, 300 })
        {
            using var scope = NewDisposeScope();
            var x = Values((ulong)(4 + 100 * channels), 4, 2, channels, 3, 3);
            var upstream = Layers.Signs(4, x.shape);
            NormedOutcome.Kernels(_neurons, x, dynamics, w, upstream).IsNearly(
                NormedOutcome.Exact(x, 2, dynamics, w, upstream), $"C {channels}");
        }
    }

    [NeedsHostCompilerTheory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    public void Any_number_of_time_steps_works(int steps)
    {
        using var scope = NewDisposeScope();
        var x = Values((ulong)steps, steps, 3, 20, 4, 2);
        var upstream = Layers.Signs(3, x.shape);
        NormedOutcome.Kernels(_neurons, x, Layers.Published, null, upstream).IsNearly(
            NormedOutcome.Exact(x, 2, Layers.Published, null, upstream), $"T {steps}");
    }

    [NeedsHostCompilerFact]
    public void Many_rows_are_shared_out_among_blocks_whose_sums_do_not_depend_on_their_order()
    {
        using var scope = NewDisposeScope();
        var x = Values(5, 2, 8, 40, 31, 33);
        var upstream = Layers.Signs(6, x.shape);
        var first = NormedOutcome.Kernels(_neurons, x, Layers.Published, 0.4f, upstream);
        first.IsNearly(NormedOutcome.Exact(x, 2, Layers.Published, 0.4f, upstream), "16,368 rows");
        NormedOutcome.Kernels(_neurons, x, Layers.Published, 0.4f, upstream).Is(first, "second run");
    }

    [NeedsHostCompilerFact]
    public void The_residual_gets_its_gradient_and_the_order_of_axes_in_memory_changes_no_bit()
    {
        using var scope = NewDisposeScope();
        var x = Values(7, 4, 2, 24, 5, 6);
        var (upstream, residual) = (Layers.Signs(8, x.shape), Whole(9, x.shape));
        var expected = NormedOutcome.Kernels(_neurons, x, Layers.Published, null, upstream, residual);
        expected.IsNearly(NormedOutcome.Exact(x, 2, Layers.Published, null, upstream, residual), "with another summand");
        var (last, other) = (ChannelsLast.Arrange(x, 2), ChannelsLast.Arrange(residual, 2));
        NormedOutcome.Kernels(_neurons, last, Layers.Published, null, upstream, other).Is(expected, "channels last");
        NormedOutcome.Kernels(_neurons, last, Layers.Published, null, ChannelsLast.Arrange(upstream, 2), residual)
            .Is(expected, "gradient with channels last");
        NormedOutcome.Kernels(_neurons, x, Layers.Published, null, ones(1).expand(x.shape), residual).Is(
            NormedOutcome.Kernels(_neurons, x, Layers.Published, null, ones(x.shape), residual), "one upstream number");
    }

    [NeedsHostCompilerFact]
    public void Neurons_run_across_the_batch_where_its_samples_are_their_time_steps()
    {
        using var scope = NewDisposeScope();
        var x = Values(10, 2, 4, 20, 7);
        var upstream = Layers.Signs(11, x.shape);
        var exact = NormedOutcome.Exact(x.flatten(0, 1), 1, Layers.Published, null, upstream.flatten(0, 1));
        var kernels = NormedOutcome.Kernels(_neurons, x, Layers.Published, null, upstream, acrossBatch: true);
        (kernels with { Spikes = kernels.Spikes.flatten(0, 1), X = kernels.X.flatten(0, 1) }).IsNearly(exact, "across the batch");
    }

    [NeedsHostCompilerTheory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void In_a_half_type_the_statistics_are_exact_and_the_gradients_rounded(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = Values(12, 4, 2, 40, 6, 6).to(type);
        var (upstream, residual) = (Layers.Signs(13, x.shape), Whole(14, x.shape).to(type));
        var kernels = NormedOutcome.Kernels(_neurons, x, Layers.Published, 0.4f, upstream, residual);
        Assert.Equal((type, type), (kernels.Spikes.dtype, kernels.X.dtype));
        // Rounded twice: before the last kernel and after it.
        kernels.IsNearly(NormedOutcome.Exact(x, 2, Layers.Published, 0.4f, upstream, residual), $"{type}", ofX: 1.0 / 128);
    }

    [NeedsHostCompilerFact]
    public void A_mean_a_thousand_times_the_deviation_costs_no_accuracy()
    {
        using var scope = NewDisposeScope();
        // Multiples of 1/64, so that float32 holds them exactly.
        var x = (Values(15, 4, 8, 16, 9, 9) * 64).round() / 64 + 1000;
        var upstream = Layers.Signs(16, x.shape);
        NormedOutcome.Kernels(_neurons, x, Layers.Published, null, upstream).IsNearly(
            NormedOutcome.Exact(x, 2, Layers.Published, null, upstream), "mean 1000", ofX: 1e-3, ofSums: 1e-3);
    }

    [NeedsHostCompilerFact]
    public void Statistics_that_are_not_tracked_stay_and_undefined_values_give_undefined_statistics()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm2d(8);
        using var neuron = new LifNeuron(Layers.Published);
        var x = Values(17, 8, 8, 3, 3);
        _ = _neurons.FireNormed(x, 4, [4, 2, 8, 3, 3], (norm, null), neuron, new(), tracks: false);
        Assert.Equal(0, norm.running_mean!.abs().max().item<float>());
        Assert.Equal(0, norm.num_batches_tracked!.item<long>());
        x[3, 2, 1, 1] = tensor(float.NaN);
        var pass = new Pass().WithoutCounting();
        _ = _neurons.FireNormed(x, 4, [4, 2, 8, 3, 3], (norm, null), neuron, pass);
        Assert.Equal(0, norm.num_batches_tracked!.item<long>());
        Assert.Equal([2], norm.running_mean!.isnan().nonzero().flatten().data<long>().ToArray());
        Assert.Equal([2], norm.running_var!.isnan().nonzero().flatten().data<long>().ToArray());
    }

    [NeedsHostCompilerTheory]
    [InlineData("moments_wide", "running mean|spikes")]
    [InlineData("back_normed_wide", "gradient")]
    [InlineData("finish_wide", "gradient of x")]
    public void Kernels_with_wrong_results_are_not_used_and_the_caller_is_told(string kernel, string what)
    {
        using var scope = NewDisposeScope();
        using var own = new HostCompiler();
        var neurons = new CudaLif(new VerifyingCompiler(new Omitter(own, kernel), DeviceType.CPU), DeviceType.CPU);
        using var norm = nn.BatchNorm2d(8);
        using var neuron = new LifNeuron(Layers.Published);
        var warnings = new List<string>();
        var pass = new Pass(notice: new DistinctNotices(warnings.Add).Say);
        for (var call = 0; call < 2; call++)
        {
            Assert.False(neurons.CoversNorm(ones(8, 8, 3, 3), 4, norm, neuron, pass));
        }
        Assert.Matches($"^Batch norms run as torch operations on the GPU.*in a test run.*({what})", Assert.Single(warnings));
        Assert.True(neurons.Covers(ones(8, 8, 3, 3), neuron.Dynamics, pass, steps: 4));
    }

    [NeedsHostCompilerFact]
    public void Gradients_that_go_past_autograd_are_those_that_it_gives_and_add_up_over_passes()
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(MsVitConfig.Preset("laptop-32") with { TimeSteps = 2 }, seed: 3);
        network.train();
        var images = rand([2, 3, 32, 32], generator: new Generator(18));
        var plain = Gradients(() => null);
        var stored = Gradients(() => new(network.Norms));
        Assert.Equal(plain.Count, stored.Count);
        Assert.All(plain, item => Close.Equal(item.Value, stored[item.Key], item.Key));
        Assert.Contains(compiler.Launches.Keys, name => name.StartsWith("finish", StringComparison.Ordinal));

        Dictionary<string, Tensor> Gradients(Func<NormMemory?> memory)
        {
            for (var pass = 0; pass < 2; pass++)
            {
                var context = new ForwardContext { Pass = new(notice: Assert.Fail, gpu: _neurons), NormMemory = memory() };
                context.Pass.Backward(network.Forward(images, context).square().sum());
                context.NormMemory?.Deliver();
            }
            var found = network.named_parameters().ToDictionary(item => item.name, item => item.parameter.grad!.clone());
            network.zero_grad();
            return found;
        }
    }

    [NeedsHostCompilerFact]
    public void Twenty_training_steps_leave_no_tensor_behind()
    {
        using var x = randn([8, 16, 3, 3]).requires_grad_();
        using var norm = nn.BatchNorm2d(16);
        using var neuron = new PlifNeuron(Layers.Published);
        long before = 0;
        for (var step = 0; step < 20; step++)
        {
            using (NewDisposeScope())
            {
                var pass = new Pass();
                var memory = new NormMemory([norm]);
                pass.Backward(_neurons.FireNormed(x, 4, [4, 2, 16, 3, 3], (norm, memory.Of(norm)), neuron, pass).sum());
                memory.Deliver();
            }
            // The first step makes gradients.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static Tensor Values(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randn(shape, generator: generator) * 1.5 + 0.7;
    }

    private static Tensor Whole(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randint(0, 4, shape, generator: generator).to(float32);
    }

    // Leaves one kernel out.
    private sealed class Omitter(ILifCompiler inner, string omitted) : ILifCompiler, ILifModule
    {
        private ILifModule? _module;

        public ILifModule Compile(LifVariant variant, int device)
        {
            _module = inner.Compile(variant, device);
            return this;
        }

        public void Launch(string kernel, uint blocks, in LifPass pass)
        {
            if (kernel != omitted)
            {
                _module!.Launch(kernel, blocks, pass);
            }
        }
    }
}
