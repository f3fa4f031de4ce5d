namespace MsVit.Trainer.Data;

/// <summary>Which files of a folder with both sets are meant.</summary>
internal enum DataPart
{
    /// <summary>data_batch_1.bin and so on, or train.bin.</summary>
    Train,

    /// <summary>test_batch.bin or test.bin.</summary>
    Test,
}
