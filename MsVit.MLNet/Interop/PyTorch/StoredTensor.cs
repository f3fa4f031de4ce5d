namespace MsVit.MLNet;

/// <summary>A tensor as a file describes it: a view of a storage.</summary>
/// <param name="Storage">Where its numbers lie.</param>
/// <param name="Offset">Elements before its first.</param>
/// <param name="Sizes">Of its axes.</param>
/// <param name="Strides">Elements from one to the next along each axis.</param>
internal sealed record StoredTensor(TorchStorage Storage, long Offset, long[] Sizes, long[] Strides);
