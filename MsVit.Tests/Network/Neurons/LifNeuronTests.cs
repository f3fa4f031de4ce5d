using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network.Neurons;

public sealed class LifNeuronTests
{
    private static readonly LifDynamics Published = new(Tau: 2, Threshold: 1, Surrogate.Default);

    [Theory]
    [InlineData(2.0f, new[] { 1f, 1, 1, 1, 1, 1 })]
    [InlineData(1.9f, new[] { 0f, 1, 0, 1, 0, 1 })]
    [InlineData(1.0f, new[] { 0f, 0, 0, 0, 0, 0 })]
    [InlineData(-3.0f, new[] { 0f, 0, 0, 0, 0, 0 })]
    public void A_steady_input_fires_every_step_at_twice_the_threshold_and_never_at_the_threshold(float current, float[] expected)
    {
        using var layer = new LifNeuron(Published);
        using var x = torch.full([expected.Length, 3], current);
        using var spikes = layer.call(x, new());
        for (var column = 0; column < 3; column++)
        {
            Assert.Equal(expected, spikes[.., column].data<float>().ToArray());
        }
    }

    [Fact]
    public void A_layer_forgets_everything_between_calls()
    {
        using var layer = new LifNeuron(Published);
        using var x = torch.full([1, 5], 1.9f);
        using var first = layer.call(x, new());
        using var second = layer.call(x, new());
        Assert.Equal(0, first.sum().item<float>());
        Assert.Equal(0, second.sum().item<float>());
    }

    [Fact]
    public void Spikes_are_those_of_a_loop_over_single_neurons()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(11);
        var x = torch.randn([7, 100], generator: generator) * 2;
        var spikes = LifKernel.Fire(x, Published, new());
        var current = x.data<float>().ToArray();
        var fired = spikes.data<float>().ToArray();
        for (var neuron = 0; neuron < 100; neuron++)
        {
            var v = 0f;
            for (var t = 0; t < 7; t++)
            {
                var h = v + (current[t * 100 + neuron] - v) / 2;
                Assert.Equal(h >= 1 ? 1 : 0, fired[t * 100 + neuron]);
                v = h >= 1 ? 0 : h;
            }
        }
    }

    [Fact]
    public void A_still_input_repeated_by_a_view_gives_what_its_copies_give()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(12);
        var still = torch.randn([4, 50], generator: generator) * 2;
        var spikes = LifKernel.Fire(still.unsqueeze(0).expand(5, 4, 50), Published, new());
        Close.Equal(LifKernel.Fire(still.unsqueeze(0).repeat(5, 1, 1), Published, new()), spikes, "spikes");
    }

    [Fact]
    public void The_gradient_of_one_step_is_the_surrogate_slope_halved_by_tau()
    {
        using var scope = torch.NewDisposeScope();
        float[] currents = [2, 1, 4];
        var x = torch.tensor(currents).reshape(1, 3).requires_grad_();
        LifKernel.Fire(x, Published, new()).sum().backward();
        // h = x / 2, so h - threshold = 0, -0.5, 1; slope 4 g (1 - g) with g = sigmoid(4 (h - threshold)); dh/dx = 1/2.
        double[] expected = [0.5, 0.2099872, 0.0353254];
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], x.grad![0, i].item<float>(), 6);
        }
    }

    [Fact]
    public void A_plif_layer_starts_at_its_initial_time_constant()
    {
        using var scope = torch.NewDisposeScope();
        using var plif = new PlifNeuron(Published with { Tau = 3 });
        using var generator = new torch.Generator(13);
        var x = torch.randn([6, 40], generator: generator) * 3;
        Assert.Equal(-Math.Log(2), plif.state_dict()["w"].item<float>(), 6);
        Close.Equal(LifKernel.Fire(x, Published with { Tau = 3 }, new()), plif.call(x, new()), "spikes");
    }

    [Fact]
    public void Firing_leaves_no_tensor_behind_in_training_or_evaluation()
    {
        using var plif = new PlifNeuron(Published);
        using var x = torch.randn(4, 30).requires_grad_();
        long before = 0;
        for (var call = 0; call < 10; call++)
        {
            using (var scope = torch.NewDisposeScope())
            {
                var pass = new Pass();
                pass.Backward(plif.call(x, pass).sum());
                using var noGrad = torch.no_grad();
                _ = plif.call(x, new());
            }
            // The first call makes the gradients of x and w.
            before = call == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }
}
