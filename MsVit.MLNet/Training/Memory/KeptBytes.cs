namespace MsVit.MLNet;

/// <summary>What a part of the network takes in one forward and backward pass.</summary>
/// <param name="Kept">Bytes from its forward pass until its backward pass.</param>
/// <param name="Working">Bytes more while it runs, in the direction that takes more.</param>
internal readonly record struct KeptBytes(long Kept, long Working)
{
    /// <summary>The most bytes at one time over parts that run one after the other, and then back: all that is kept, and the most that one part works with.</summary>
    /// <remarks>
    /// The part that works with most is an early one, when much was let go of already; but that comes in pieces of other sizes than it wants, and stays with
    /// the allocator.
    /// </remarks>
    public static long Peak(IReadOnlyCollection<KeptBytes> parts) => parts.Sum(part => part.Kept) + parts.Max(part => part.Working);
}
