namespace MsVit.MLNet;

/// <summary>Draws the operations of RandAugment for one image and applies them.</summary>
/// <param name="policy">How many, and how strong.</param>
/// <param name="operations">Applies them.</param>
internal sealed class RandomOperations(RandAugment policy, ImageOperations operations)
{
    private const int Kinds = 1 + (int)ImageOperation.TranslateYRel;

    /// <summary>Changes an image in place.</summary>
    /// <param name="image">[C, H, W], one or three channels.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="random">The sample's own stream.</param>
    public void Apply(Span<byte> image, ImageShape shape, ref RandomStream random)
    {
        for (var i = 0; i < policy.Operations; i++)
        {
            var operation = (ImageOperation)random.NextInt(Kinds);
            var applied = random.NextInt(2) == 1;
            var magnitude = Magnitude(ref random);
            var negative = random.NextInt(2) == 1;
            if (applied)
            {
                operations.Apply(operation, OperationArgument.Of(operation, magnitude, negative), image, shape);
            }
        }
    }

    private double Magnitude(ref RandomStream random)
    {
        var drawn = policy.IsUniform
            ? policy.Magnitude * random.NextSingle()
            : policy.Magnitude + (policy.MagnitudeDeviation * random.NextNormal());
        return Math.Clamp(drawn, 0, policy.LargestMagnitude);
    }
}
