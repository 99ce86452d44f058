/** How much goes through each letter of a text costs. */
export const traversal = 0.1;
/** How much each letter of a regular expression adds to the cost of each letter of a text. */
export const pattern = 0.25;

export const listCreation = 10;
export const mapCreation = 30;
export const structCreation = 40;
export const authorizationCheck = 350_000;
