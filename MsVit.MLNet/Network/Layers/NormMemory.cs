using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One block of memory for what a GPU's kernels store for the batch norms of a network in one forward and backward pass.</summary>
/// <remarks>
/// It takes the gradients of scales and shifts past autograd, which would copy each of them: it takes over only tensors that nobody else
/// holds, and TorchSharp holds whatever our nodes return. <see cref="Deliver"/> hands them to the parameters after the backward pass.
/// </remarks>
internal sealed class NormMemory
{
    // For each channel: four statistics, and the gradients of scale and shift.
    private const int Statistics = 4, Stored = Statistics + 2;

    private readonly Dictionary<BatchNorm, NormParts> _parts = [];

    /// <param name="norms">The norms, on one device. Those that are frozen are left out. The memory belongs to the caller's scope.</param>
    public NormMemory(IEnumerable<BatchNorm> norms)
    {
        BatchNorm[] learning = [.. norms.Where(norm =>
            norm is { training: true, weight.requires_grad: true, bias.requires_grad: true } && norm.weight.dtype == float32)];
        if (learning.Length == 0)
        {
            return;
        }
        var widths = learning.Select(norm => norm.weight!.numel()).ToArray();
        var pieces = empty([Stored * widths.Sum()], dtype: float32, device: learning[0].weight!.device)
            .split([.. widths.SelectMany(width => (long[])[Statistics * width, width, width])]);
        foreach (var (index, norm) in learning.Index())
        {
            _parts.Add(norm, new(pieces[3 * index], pieces[(3 * index) + 1], pieces[(3 * index) + 2]));
        }
    }

    /// <summary>The memory of a norm; null if it was left out.</summary>
    public NormParts? Of(BatchNorm norm) => _parts.GetValueOrDefault(norm);

    /// <summary>Adds the gradients that the backward pass has stored to those of the parameters.</summary>
    public void Deliver()
    {
        using var gradientFree = no_grad();
        foreach (var (norm, parts) in _parts.Where(item => item.Value.HasGradients))
        {
            Add(norm.weight!, parts.GammaGradient);
            Add(norm.bias!, parts.BetaGradient);
        }
    }

    private static void Add(Parameter parameter, Tensor gradient)
    {
        if (parameter.grad is { } before)
        {
            _ = before.AddInPlace(gradient);
        }
        else
        {
            parameter.grad = gradient;
        }
    }
}
