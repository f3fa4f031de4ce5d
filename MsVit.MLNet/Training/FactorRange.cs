namespace MsVit.MLNet;

/// <summary>A range from which a factor is drawn uniformly; 1 changes nothing.</summary>
/// <param name="Least">0 or more.</param>
/// <param name="Most">At least <paramref name="Least"/>.</param>
public readonly record struct FactorRange(double Least, double Most)
{
    /// <summary>torchvision's short form: from 1 - strength, at least 0, to 1 + strength.</summary>
    public static FactorRange About(double strength) => new(Math.Max(0, 1 - strength), 1 + strength);

    /// <summary>Whether both ends are in their ranges.</summary>
    internal bool IsValid => Least >= 0 && Least <= Most && double.IsFinite(Most);
}
