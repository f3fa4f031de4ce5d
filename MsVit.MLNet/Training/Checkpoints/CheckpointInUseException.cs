namespace MsVit.MLNet;

/// <summary>Another run uses a folder of checkpoints, or it cannot be written.</summary>
internal sealed class CheckpointInUseException(string message, Exception inner) : IOException(message, inner);
