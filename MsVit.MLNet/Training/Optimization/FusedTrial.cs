using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Tries torch's operators over lists for a few weights against the plain operations that they stand for.</summary>
/// <remarks>So a libtorch whose operators are others costs speed, but neither the run nor its results.</remarks>
internal static class FusedTrial
{
    private const double Tolerance = 1e-4;

    // The block has gaps behind these. They are more elements than a thread of a GPU takes.
    private static readonly IReadOnlyList<long[]> Shapes = [[], [3, 50], [70, 40]];

    /// <summary>Why the operators must not be used, to follow a colon; null if they gave the right results.</summary>
    /// <param name="operators">The operators.</param>
    /// <param name="device">The device on which they would be used.</param>
    public static string? Failure(TorchDispatcher operators, Device device)
    {
        if (operators.WhyNot is { } reason)
        {
            return reason;
        }
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        try
        {
            return Difference(operators, device);
        }
        catch (Exception e) when (e is InvalidOperationException or ExternalException)
        {
            return TorchError.Text(e);
        }
    }

    private static string? Difference(TorchDispatcher operators, Device device)
    {
        using var fused = new Weights(operators, device);
        using var plain = new Weights(null, device);
        // The second step is skipped, because its gradients are not finite.
        foreach (var (step, taken) in new[] { (1, true), (2, false), (2, true) })
        {
            using var round = NewDisposeScope();
            var (actual, expected) = (fused.Gradients(step, taken), plain.Gradients(step, taken));
            if (taken && Differs(expected, actual, 0))
            {
                return $"in a test run, {TorchDispatcher.CopyName} gave other values than copies one by one.";
            }
            var (flag, count) = (tensor(taken, device: device), tensor((double)step, dtype: float64, device: device));
            var scale = tensor(0.5, dtype: float64, device: device);
            new FusedAdamW(new(), flag, count, 0.1, scale).Run(operators, fused.Group, actual);
            new GatedAdamW(new(), flag, count, 0.1, scale).Run(plain.Group, expected);
            if (plain.State.Zip(fused.State).Any(pair => Differs(pair.First, pair.Second, Tolerance)))
            {
                return $"in a test run, {TorchDispatcher.AdamWName} gave other results than the equations of AdamW"
                    + (taken ? "." : " in a step that is skipped.");
            }
        }
        return null;
    }

    // From -1 to 1, without a zero.
    private static Tensor Values(long[] shape, int seed, Device device)
    {
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        return tensor((float[])[.. Enumerable.Range(1, count).Select(i => (float)Math.Sin((seed + 1) * i))]).view(shape).to(device);
    }

    private static bool Differs(Tensor expected, Tensor actual, double tolerance)
    {
        var (one, other) = (expected.cpu(), actual.cpu());
        return !(one.sub(other).abs().max().Number() <= tolerance * one.abs().max().Number());
    }

    // The same at the start of every trial.
    private sealed class Weights(TorchDispatcher? operators, Device device) : IDisposable
    {
        public ParameterGroup Group { get; } = ParameterGroup.Join(
            [.. Shapes.Select((shape, i) => new LearnedParameter($"{i}", nn.Parameter(Values(shape, i, device)), 0.05, rate: 1))],
            operators);

        public IEnumerable<Tensor> State => [Group.Weights!.Block, Group.Mean, Group.Square];

        public Tensor Gradients(int step, bool areFinite)
        {
            foreach (var (i, member) in Group.Members.Index())
            {
                // A matrix is not contiguous.
                var gradient = Values([.. member.Parameter.shape.Reverse()], (10 * step) + i, device).t();
                member.Parameter.grad = areFinite ? gradient : gradient.div(zeros_like(gradient));
            }
            return Group.Gradients()!;
        }

        public void Dispose()
        {
            foreach (var member in Group.Members)
            {
                member.Dispose();
            }
            Group.Dispose();
        }
    }
}
