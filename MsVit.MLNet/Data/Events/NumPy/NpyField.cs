namespace MsVit.MLNet.Events;

/// <summary>One number of each record of an array; its name is empty where the array is of plain numbers.</summary>
internal sealed record NpyField(string Name, NpyType Type, int Offset);
