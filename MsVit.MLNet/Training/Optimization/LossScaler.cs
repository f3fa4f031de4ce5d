namespace MsVit.MLNet;

/// <summary>
/// Scales the loss so that small gradients are not lost in float16. The scale is as large as it can be while gradients stay finite.
/// </summary>
/// <remarks>
/// After a step whose gradients were not finite, which is skipped, the scale is halved, but not below 1. After 2,000 finite steps in a row
/// it is doubled. Micikevicius et al., "Mixed Precision Training", ICLR 2018, with the constants of torch's GradScaler. bfloat16 needs no
/// scale.
/// </remarks>
internal sealed class LossScaler
{
    private const double Growth = 2, Backoff = 0.5;
    private const int Interval = 2000;

    /// <summary>The state of the scale, for checkpoints.</summary>
    /// <param name="Scale">The factor of the loss, 1 or more.</param>
    /// <param name="FiniteSteps">Finite steps since the last change of the scale, 0 to 1,999.</param>
    public readonly record struct ScaleState(double Scale, int FiniteSteps);

    /// <param name="initial">The first scale, 1 or more. The default is 65,536.</param>
    public LossScaler(double initial = 65536) => State = new(initial, 0);

    /// <summary>The factor of the loss.</summary>
    public double Scale => State.Scale;

    /// <summary>Whether the scale is 1, so that it is not the reason for gradients that are not finite.</summary>
    public bool IsLeast => Scale == 1;

    /// <summary>The state. It can be restored.</summary>
    /// <exception cref="ArgumentException">The scale is not a finite number of 1 or more, or the count is out of range.</exception>
    public ScaleState State
    {
        get;
        set => field = double.IsFinite(value.Scale) && value.Scale >= 1 && value.FiniteSteps is >= 0 and < Interval
            ? value
            : throw new ArgumentException(
                $"The scale of the loss is {value.Scale} after {value.FiniteSteps} finite steps; it must be a finite number of 1 or more, "
                + $"after 0 to {Interval - 1} steps.");
    }

    /// <summary>Adapts the scale after a step.</summary>
    /// <param name="isFinite">Whether all gradients were finite. If not, the step must be skipped.</param>
    public void Update(bool isFinite)
    {
        if (!isFinite)
        {
            State = new(Math.Max(1, Scale * Backoff), 0);
            return;
        }
        var steps = State.FiniteSteps + 1;
        var larger = float.IsFinite((float)(Scale * Growth)) ? Scale * Growth : Scale;
        State = steps < Interval ? State with { FiniteSteps = steps } : new(larger, 0);
    }
}
