namespace MsVit.MLNet;

/// <summary>What the loss is multiplied by so that small gradients are not lost in float16: as large as gradients stay finite.</summary>
/// <remarks>
/// After a step whose gradients were not finite, and which is left out, the scale is halved, at least to 1; after 2,000 finite ones in a row it is
/// doubled. Micikevicius et al., "Mixed Precision Training", ICLR 2018, with the numbers of torch's GradScaler. bfloat16 needs none.
/// </remarks>
internal sealed class LossScaler
{
    private const double Growth = 2, Backoff = 0.5;
    private const int Interval = 2000;

    /// <summary>What a checkpoint keeps.</summary>
    /// <param name="Scale">What the loss is multiplied by, 1 or more.</param>
    /// <param name="FiniteSteps">Finite steps since the scale last changed, 0 to 1,999.</param>
    public readonly record struct Standing(double Scale, int FiniteSteps);

    /// <param name="initial">The first scale, 1 or more. The default is 65,536.</param>
    public LossScaler(double initial = 65536) => State = new(initial, 0);

    /// <summary>What the loss is multiplied by.</summary>
    public double Scale => State.Scale;

    /// <summary>Whether the loss is as it is: gradients that are not finite now are so by themselves.</summary>
    public bool IsLeast => Scale == 1;

    /// <summary>Where it stands; what was kept can be put back.</summary>
    /// <exception cref="ArgumentException">The scale is not a finite number of 1 or more, or the count is out of its range.</exception>
    public Standing State
    {
        get;
        set => field = double.IsFinite(value.Scale) && value.Scale >= 1 && value.FiniteSteps is >= 0 and < Interval
            ? value
            : throw new ArgumentException(
                $"The scale of the loss is {value.Scale} after {value.FiniteSteps} finite steps; it must be a finite number of 1 or more, after 0 to {Interval - 1} steps.");
    }

    /// <summary>Adapts the scale to what a step's gradients were.</summary>
    /// <param name="isFinite">Whether all were finite. If not, the step must be left out.</param>
    public void Update(bool isFinite)
    {
        if (!isFinite)
        {
            State = new(Math.Max(1, Scale * Backoff), 0);
            return;
        }
        var steps = State.FiniteSteps + 1;
        State = steps < Interval ? State with { FiniteSteps = steps } : new(float.IsFinite((float)(Scale * Growth)) ? Scale * Growth : Scale, 0);
    }
}
