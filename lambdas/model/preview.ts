/** How sure a proposal is: said by the caller, the column's own name, one of its aliases, or like one of these. */
export const proposalConfidences = ['given', 'exact', 'alias', 'similar', 'none'] as const;
export type ProposalConfidence = (typeof proposalConfidences)[number];

/** What a header of a sheet probably means. */
export interface HeaderProposal {
  readonly header: string;
  /** The process's column; null when none is proposed, or the caller has the header ignored. */
  readonly column: string | null;
  readonly confidence: ProposalConfidence;
  /** From 0 to 1; 1 for what is certain. */
  readonly score: number;
  /** Where several columns are about equally likely: which. */
  readonly alternatives?: readonly { readonly column: string; readonly score: number }[];
}

/** What a row of a preview would come to; `valid` ones are what an action would work on. */
export const previewAnswers = ['valid', 'known', 'invalid', 'duplicate'] as const;
export type PreviewAnswer = (typeof previewAnswers)[number];
