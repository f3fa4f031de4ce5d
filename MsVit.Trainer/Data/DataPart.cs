namespace MsVit.Trainer.Data;

/// <summary>Selects the files of a folder that has a training set and a test set.</summary>
internal enum DataPart
{
    /// <summary>data_batch_1.bin and so on, or train.bin.</summary>
    Train,

    /// <summary>test_batch.bin or test.bin.</summary>
    Test,
}
