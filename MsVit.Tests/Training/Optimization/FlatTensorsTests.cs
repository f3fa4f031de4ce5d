using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

public sealed class FlatTensorsTests
{
    [Fact]
    public void Tensors_keep_their_values_and_change_with_their_block()
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        var (matrix, vector) = (arange(6, dtype: float32).reshape(2, 3), ones(70));
        using var flat = new FlatTensors([matrix, vector]);
        Assert.Equal([0f, 1, 2, 3, 4, 5], matrix.data<float>().ToArray());
        Assert.Equal(64 + 128, flat.Block.numel());
        flat.Block.fill_(SharedScalars.One);
        Assert.Equal(6, matrix.sum().item<float>());
        matrix.zero_();
        Assert.Equal(64 + 128 - 6, flat.Block.sum().item<float>());
    }

    [Fact]
    public void A_parameter_in_a_block_still_gets_its_gradient()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(arange(3, dtype: float32));
        using var flat = new FlatTensors([parameter]);
        parameter.mul(parameter).sum().backward();
        Assert.Equal([0f, 2, 4], parameter.grad!.data<float>().ToArray());
    }

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void Gathered_values_are_those_that_are_joined_one_by_one()
    {
        using var scope = NewDisposeScope();
        using var flat = new FlatTensors([zeros(2, 3), zeros([]), zeros(64)], TorchDispatcher.OfThisProcess);
        for (var round = 0; round < 2; round++)
        {
            // The first one is not contiguous.
            Tensor[] values = [arange(6, dtype: float32).reshape(3, 2).t().mul(tensor((float)round)), tensor(7f), ones(64).neg()];
            Assert.Equal(flat.Joined(values).data<float>().ToArray(), flat.Gathered(values).data<float>().ToArray());
        }
    }

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void Torchs_step_of_AdamW_follows_its_equations_and_a_skipped_one_changes_no_bit()
    {
        Assert.Null(TorchDispatcher.OfThisProcess.WhyNot);
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        const double Rate = 0.1, Beta1 = 0.9, Beta2 = 0.99, Decay = 0.05, Eps = 1e-8, Step = 3;
        var (p, g, m, v) = (2.0, 0.5, 0.25, 0.125);
        Tensor[] state = [tensor((float)p).view(1), tensor((float)m).view(1), tensor((float)v).view(1)];
        Run(skips: 1, gradient: float.NaN);
        Assert.Equal([(float)p, (float)m, (float)v], state.Select(tensor => tensor.item<float>()));
        Run(skips: 0, gradient: (float)(2 * g));
        (m, v) = ((Beta1 * m) + ((1 - Beta1) * g), (Beta2 * v) + ((1 - Beta2) * g * g));
        p = (p * (1 - (Rate * Decay)))
            - (Rate / (1 - Math.Pow(Beta1, Step)) * m / ((Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(Beta2, Step))) + Eps));
        double[] expected = [p, m, v];
        Assert.All(expected.Zip(state), pair => Assert.Equal(pair.First, pair.Second.item<float>(), 1e-6));

        // The divisor halves the gradient.
        void Run(float skips, float gradient) => TorchDispatcher.OfThisProcess.AdamW(
            state[0], tensor(gradient).view(1), state[1], state[2], tensor((float)Step), (Rate, Beta1, Beta2, Decay, Eps), tensor(2f),
            tensor(skips));
    }
}
