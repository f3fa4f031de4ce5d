namespace MsVit.MLNet.Events;

/// <summary>What happens when a recording cannot be read, or has no event.</summary>
public enum UnreadableRecordingPolicy
{
    /// <summary>An exception that names the file and the byte. This is the default.</summary>
    Throw,

    /// <summary>
    /// The frames are missing: a vector of length 0. The MsVit trainer with <c>Undecodable = Skip</c> leaves the row out, and its model
    /// scores it NaN with a missing label.
    /// </summary>
    Missing,
}
