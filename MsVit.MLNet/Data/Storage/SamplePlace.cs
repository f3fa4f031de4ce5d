namespace MsVit.MLNet;

/// <summary>Where a sample lies: 12 bytes in memory, for any number of segments of up to 2 GiB each.</summary>
/// <param name="Segment">Which segment, from 0.</param>
/// <param name="Offset">Where it begins in there.</param>
/// <param name="Length">Its bytes; the place of an empty sample is never looked up.</param>
internal readonly record struct SamplePlace(int Segment, int Offset, int Length);
