using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

/// <summary>Parameters of many shapes, and gradients that depend on the step alone.</summary>
internal sealed class DrawnParameters : nn.Module
{
    public DrawnParameters(int seed = 1)
        : base(nameof(DrawnParameters))
    {
        using var generator = new Generator((ulong)seed);
        Register("scalar", randn([], generator: generator));
        Register("bias", randn([13], generator: generator));
        Register("linear_weight", randn([7, 5], generator: generator));
        Register("conv_weight", randn([8, 3, 3, 3], generator: generator).permute(0, 3, 1, 2));
        Register("large_weight", randn([300, 301], generator: generator));
        register_buffer("mean", randn([4], generator: generator));
        register_buffer("count", zeros(1, dtype: int64));
    }

    public void DrawGradients(int step, double scale = 1)
    {
        using var generator = new Generator((ulong)step + 1000);
        foreach (var (_, parameter) in named_parameters())
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var gradient = empty_like(parameter);
            gradient.copy_(randn(parameter.shape, generator: generator) * scale);
            parameter.grad = gradient.MoveToOuterDisposeScope();
        }
    }

    private void Register(string name, Tensor values) => register_parameter(name, new Parameter(values));
}
