using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>GLIF neurons composed of torch operations: the fallback for all devices and types, and the tests' oracle.</summary>
internal static class EagerGlif
{
    /// <summary>The spikes, and the membrane minus the threshold, of one time step after the other.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="scalars">The layer's scalars.</param>
    /// <param name="surrogate">The surrogate that gives a spike its gradient.</param>
    /// <param name="pass">The current pass.</param>
    public static IEnumerable<(Tensor Spikes, Tensor OverThreshold)> Run(Tensor x, GlifScalars scalars, Surrogate surrogate, Pass pass)
    {
        var gain = scalars.Gains.unbind(0);
        TensorExpression keep = scalars.Keep, drop = scalars.Drop;
        Tensor? v = null, s = null;
        foreach (var (t, current) in x.unbind(0).Index())
        {
            var h = (TensorExpression)current * (TensorExpression)gain[t] - (TensorExpression)scalars.Leak;
            if (v is not null && s is not null)
            {
                var (kept, fired) = (keep * (TensorExpression)v, (TensorExpression)s);
                h = h + kept - kept * (TensorExpression)scalars.ResetShare * fired - drop * fired;
            }
            v = h;
            Tensor over = h - (TensorExpression)scalars.Threshold;
            s = Spike.Fire(over, surrogate, pass);
            yield return (s, over);
        }
    }
}

/// <summary>What a GLIF layer's parameters give for its equations (see <see cref="GlifMembrane"/>).</summary>
/// <remarks>The gains are [T]; the others are one number each.</remarks>
internal sealed record GlifScalars(Tensor Keep, Tensor Leak, Tensor Gains, Tensor Threshold, Tensor ResetShare, Tensor Drop)
{
    /// <summary>The parts of <see cref="Joined"/>.</summary>
    public static GlifScalars Of(Tensor joined)
    {
        var steps = joined.shape[0] - GlifLayer.Scalars;
        return new(joined[steps], joined[steps + 1], joined.narrow(0, 0, steps), joined[steps + 2], joined[steps + 3], joined[steps + 4]);
    }

    /// <summary>All in one tensor, [T + 5]: the gains, then the others in the order of <see cref="GlifMembrane"/>.</summary>
    public Tensor Joined() => cat([Gains, stack([Keep, Leak, Threshold, ResetShare, Drop])]);
}
