namespace MsVit.MLNet;

/// <summary>One tensor as a safetensors header describes it; its bytes are [Begin, End) of the data that follows the header.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End);
